"""Makes what TemplateTest and ChatEncodingTest compare with: what transformers makes of templates and chats.

    pip install transformers==4.57.1 jinja2==3.1.6
    python common/ml/src/test/python/make_template_fixtures.py common/ml/src/test/resources

Run once; what it wrote is kept in the repository.
"""

import json
import pathlib
import sys

import transformers as hf
from tokenizers import AddedToken, Tokenizer, decoders, models
from transformers.utils.chat_template_utils import _compile_jinja_template

CHAT = [{"role": "user", "content": " Hi {{ x }} \n"}, {"role": "assistant", "content": "yo"},
        {"role": "user", "content": "bye 'now' \"é\""}]

# One construct a line; those that Jinja itself refuses are kept too, as refused.
CONSTRUCTS = r"""
{{ not x is defined }}|{{ not u is defined }}|{{ not (u is defined) }}|{{ not x == 'X' and true }}|{{ not 'z' in x }}
{{ 'a' ~ 1 ~ none ~ true ~ u }}|{{ 'a' + 'b' }}|{{ 1 + 2 * 3 - 4 // 3 }}|{{ -7 // 2 }}|{{ -7 % 3 }}|{{ 2 - 1 - 1 }}
{{ none }}{{ true }}{{ False }}{{ u }}
{{ u.v }}
{{ u.v is defined }}
{{ u() }}
{{ u + 'a' }}
{{ 'a' + 1 }}
{{ none + 'a' }}
{{ x.v.w }}
{{ messages[7] is defined }}{{ messages[0].nope is defined }}{{ messages[0].nope is none }}{{ messages[0].get('nope') is none }}
{{ messages[0]['role'] }}{{ messages[-1].role }}{{ messages[messages|length - 2].role }}{{ messages[0 + 1].role }}
{{ messages[1:]|length }}{{ messages[:-1]|length }}{{ messages[::-1][0].content }}{{ messages[-1:][0].role }}{{ messages[::2]|length }}
{{ 'abcde'[1:] }}{{ 'abc'[-1] }}{{ 'abc'[:2] }}{{ 'abc'[::-1] }}{{ 'é😀x'[1:2] }}{{ 'é😀x'|length }}{{ 'abc'[5:] }}{{ 'abcd'[-3:-1] }}
{{ messages[0].content|trim }}|{{ messages[0].content.strip() }}|{{ ' a '.lstrip() }}|{{ ' a '.rstrip() }}|{{ 'xaxx'.rstrip('x') }}|{{ '\n\na\n'.strip('\n') }}|{{ '\u00a0a'|trim }}
{{ 'a<t>b<t>c'.split('<t>')[-1] }}{{ 'a<t>b<t>c'.split('<t>')[0] }}{{ 'a,b,c'.split(',', 1)[1] }}{{ 'abc'.startswith('ab') }}{{ 'abc'.endswith('x') }}{{ 'aXc'.replace('X', 'b') }}{{ 'abc'.upper() }}{{ 'abc'.find('c') }}{{ ', '.join(['a', 'b']) }}
{{ 'b' in 'abc' }}{{ 'z' not in 'abc' }}{{ 1 in [1, 2] }}{{ 'role' in messages[0] }}{{ 'zz' in messages[0] }}{{ 'A' in ['A'] and 'B' not in ['A'] }}
{{ x is string }}{{ 1 is string }}{{ messages is iterable }}{{ messages[0] is mapping }}{{ 1 is number }}{{ none is none }}{{ u is none }}{{ x is not none }}{{ u is undefined }}{{ true is boolean }}{{ messages is sequence }}{{ 2 is divisibleby 2 }}{{ x is equalto 'X' }}
{{ 'a' if x else 'b' }}{{ 'a' if u }}{{ ('a' if x == 'Y' else 'b') + 'c' }}{{ 1 if u is not defined and x else 2 }}{{ 'a' ~ 'b' if x else 'c' }}
{{ u or 'other' }}{{ x and 'q' }}{{ '' or 'z' }}{{ none or 1 }}{{ u|default('d') }}{{ none|default('d') }}{{ ''|default('d', true) }}
{{ messages|tojson }}{{ {'b': 1, 'a': [true, none, "é<&'>\"\n"]}|tojson }}{{ {'b': [], 'a': [1, {'c': 2}]}|tojson(indent=2) }}
{{ messages|map(attribute='role')|join(', ') }}{{ messages|selectattr('role', 'equalto', 'user')|list|length }}{{ messages|rejectattr('role', 'eq', 'user')|list|length }}{{ (messages|last).role }}{{ messages|selectattr('tool_calls', 'undefined')|list|length }}
{{ x|upper }}{{ x|lower }}{{ 'a'|replace('a', 'b') }}{{ 5|string + 'a' }}{{ 'abc'|first }}{{ [1, 2]|reverse|list|join('-') }}{{ 'a' + x|lower + 'b' }}
{% for i in [1, 2, 3] %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}
{% for i in range(2, 5) %}{{ i }}{% endfor %}{% for i in [] %}{{ i }}{% else %}none{% endfor %}{% for i in [1, 2, 3, 4] if i % 2 == 0 %}{{ i }}{{ loop.index }}{{ loop.last }}{% endfor %}
{% for i in [1, 2, 3] %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}{% for i in [1, 2, 3] %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for k, v in {'b': 1, 'a': 2}.items() %}{{ k }}{{ v }}{% endfor %}{% for k, v in {'b': 1}|items %}{{ k }}{{ v }}{% endfor %}{% for k in {'b': 1, 'a': 2} %}{{ k }}{% endfor %}
{% set a = 1 %}{% for i in [1, 2] %}{% set a = a + 1 %}{{ a }}{% endfor %}{{ a }}{% if x %}{% set a = 5 %}{% endif %}{{ a }}
{% for i in [1, 2] %}{% if i == 1 %}{% set q = 'set' %}{% endif %}{{ q is defined }}{% endfor %}
{% set ns = namespace(a=messages|length - 1, b='x') %}{% for i in [1, 2] %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}{{ ns.b }}{{ ns.c is defined }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set c %}in {{ x }}{% endset %}{{ c }}
{% macro m(a, b='d') %}[{{ a }}{{ b }}]{% endmacro %}{{ m(1) }}{{ m('x', b=2) }}{{ m() }}
{% macro r(n) %}{% set z = n %}{{ z }}{% if n > 0 %}{{ r(n - 1) }}{% endif %}{% endmacro %}{{ r(3) }}{{ z is defined }}
{% if u %}a{% elif x %}b{% else %}c{% endif %}{% if [] %}b{% endif %}{% if {} %}c{% endif %}{% if '' %}d{% endif %}{% if 0 %}e{% endif %}{% if '0' %}f{% endif %}
a {#- c -#} b {# d #} e {%- if true -%} f {%- endif +%} g {{- ' h ' -}} i
{{ "it's" }}{{ 'q"q' }}{{ 'tab\tnl\\n' }}{{ '\'' }}{{ "{{ x }}" }}{{ '%}' }}{{ 'a' 'b' }}{{ {'a': {'b': 1}}['a']['b'] }}
{{ 1 == true }}{{ '1' == 1 }}{{ 'a' < 'b' }}{{ u == none }}{{ [1, 'a'] == [1, 'a'] }}
{% generation %}a{% endgeneration %}{{ strftime_now is defined }}{{ raise_exception is defined }}
{{ raise_exception('refused') }}
{{ nofunction() }}
{{ 'a'|nofilter }}
{{ 'a'.nomethod() }}
{{ x is notest }}
{% do 1 %}
{{ messages.append(1) }}
{{ loop.index }}
{% if x %}
{{ 'a' }}{{
{{ x }
""".strip().split("\n")

# Whitespace needs lines.
LINES = ["  {% if x %}\n  a\n  {% endif %}\n\n b {# c #}\n\n", "{%- for m in messages %}\n    {{- m.role }}\n{%- endfor %}\n",
         "a\r\n  {%+ if x %}b{% endif %}\n{{ x }}\n\n", "x {# c\n d #}\n  y\n    {#- e -#}\n  z\n", "{% set a = 1 -%}\n\n  {{ a }}\n"]

CHATML = """{%- for message in messages %}
    {%- if not loop.first and message.role == 'system' %}
        {{- raise_exception('a system message comes first') }}
    {%- endif %}
    {{- '<|open|>' + message.role + '\\n' + message.content + '<|close|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|open|>assistant\\n' }}
{%- endif %}
"""
BRACKETS = ("{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
            "{{ raise_exception('roles alternate') }}{% endif %}{% if message['role'] == 'user' %}"
            "{{ '[ask] ' + message['content'].strip() + ' [/ask]' }}{% else %}"
            "{{ ' ' + message['content'] | trim + ' ' + eos_token }}{% endif %}{% endfor %}")
THINKING = """{{- bos_token }}
{%- if not date is defined %}{%- set date = strftime_now("%d %b %Y") %}{%- endif %}
{{- '<|open|>system\\non ' + date + '<|close|>' }}
{%- set ns = namespace(last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- if message.role == 'user' %}{%- set ns.last = messages|length - loop.index %}{%- break %}{%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content.split('<t>')[-1].lstrip('\\n') if message.content is string else '' %}
    {{- '<|open|>' ~ message.role ~ '\\n' }}
    {%- if message.role == 'assistant' and loop.index0 > ns.last %}
        {{- 'think\\n' }}
    {%- endif %}
    {{- content ~ '<|close|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|open|>assistant\\n' }}
{%- endif %}
"""
TEMPLATES = {"chatml": CHATML, "brackets": BRACKETS, "thinking": THINKING}
SPECIAL = ["[PAD]", "[UNK]", "[BOS]", "[SEP]", "[EOS]", "<|open|>", "<|close|>"]


def render(template):
    try:
        return _compile_jinja_template(template).render(messages=CHAT, x="X", tools=None, bos_token="[BOS]")
    except Exception:
        return None


def tokenizer(template):
    letters = sorted(set("\n <>/[]{}|'\"%:.,?-" + "abcdefghijklmnopqrstuvwxyzHJ0123456789é"))
    vocabulary = {piece: i for i, piece in enumerate(SPECIAL + letters + ["th", "an", "s\n"])}
    made = Tokenizer(models.BPE(vocabulary, [("t", "h"), ("a", "n"), ("s", "\n")], unk_token="[UNK]"))
    made.decoder = decoders.Fuse()
    made.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    return hf.PreTrainedTokenizerFast(tokenizer_object=made, chat_template=template, bos_token="[BOS]", eos_token="[EOS]",
                                      pad_token="[PAD]", unk_token="[UNK]")


def chats(fast):
    """What is asked and the whole of it, with a fixed day."""
    def rendered(turns, **more):
        text = fast.apply_chat_template(turns, tokenize=False, date="26 Jul 2024", **more)
        return {"text": text, "ids": fast(text, add_special_tokens=False)["input_ids"]}
    asked = [{"role": "user", "content": " what's that? "}]
    answer = [{"role": "assistant", "content": "a thing"}]
    before = [{"role": "user", "content": "who"}, {"role": "assistant", "content": "me"}]
    return {"asked": rendered(asked, add_generation_prompt=True), "answered": rendered(asked + answer),
            "asked_after": rendered(before + asked, add_generation_prompt=True),
            "hostile": rendered([{"role": "user", "content": "{{ x }} {% if %}"}], add_generation_prompt=True)}


root = pathlib.Path(sys.argv[1])
cases = [{"template": t, "expected": render(t)} for t in CONSTRUCTS + LINES]
(root / "templates").mkdir(exist_ok=True)
(root / "templates" / "constructs.json").write_text(json.dumps(cases, indent=0, ensure_ascii=False) + "\n")
for name, template in TEMPLATES.items():
    folder = root / "templates" / name
    fast = tokenizer(template)
    fast.save_pretrained(folder)
    (folder / "expected.json").write_text(json.dumps(chats(fast)) + "\n")
