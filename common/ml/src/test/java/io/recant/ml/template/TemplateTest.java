package io.recant.ml.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Constructs against what Jinja 3.1.6 renders in the environment of transformers 4.57.1: see {@code
 * src/test/python/make_template_fixtures.py}.
 */
class TemplateTest {

  private static Stream<Arguments> constructs() throws IOException {
    try (InputStream in = TemplateTest.class.getResourceAsStream("/templates/constructs.json")) {
      JsonNode cases = new ObjectMapper().readTree(in);
      return StreamSupport.stream(cases.spliterator(), false)
          .map(
              one ->
                  Arguments.of(one.path("template").textValue(), one.path("expected").textValue()));
    }
  }

  @ParameterizedTest
  @MethodSource("constructs")
  void rendersWhatJinjaDoesAndRefusesWhatJinjaRefuses(String template, String expected) {
    if (expected == null) {
      assertThatThrownBy(() -> render(template)).isInstanceOf(TemplateException.class);
    } else {
      assertThat(render(template)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ [1] }}",
        "{{ messages[0] }}",
        "{{ 7 / 2 }}",
        "{{ 1.5 }}",
        "{{ '%s' % 1 }}",
        "{{ 'a' * 3 }}",
        "{{ 1 < 2 < 3 }}",
        "{{ 'abc'.title() }}",
        "{{ 'a b'.split() }}",
        "{{ messages|sort }}",
        "{{ '<'|e }}",
        "{{ '<'|safe }}",
        "{{ x.__class__ }}",
        "{{ (1).real }}",
        "{{ messages[0].update({}) }}",
        "{{ messages|map(attribute='a.b')|list|length }}",
        "{{ dict(a=1)['a'] }}",
        "{{ '\\a' }}",
        "{{ 9007199254740993 + 1 }}",
        "{% raw %}a{% endraw %}",
        "{% include 'a' %}",
        "{% call m() %}{% endcall %}",
        "{% for a in x recursive %}{% endfor %}",
        "{% set x.y = 1 %}"
      })
  void whatIsNotSupportedIsRefusedAndNeverRenderedOtherwise(String template) {
    assertThatThrownBy(() -> render(template)).isInstanceOf(TemplateException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for i in range(1000000000) %}{% endfor %}",
        "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}",
        "{% set n = namespace(a='ab') %}{% for i in range(99) %}{% set n.a = n.a + n.a %}{% endfor %}",
        "{% set n = namespace(a=[1]) %}{% for i in range(99) %}{% set n.a = n.a + n.a %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 'a'|tojson(indent=2000000000)|length }}{{ [[1]]|tojson(indent=2000000000) }}"
      })
  void whatCostsTooMuchIsRefused(String template) {
    assertThatThrownBy(() -> render(template)).isInstanceOf(TemplateException.class);
  }

  @Test
  void aTemplateNestedTooDeeplyIsRefused() {
    String deep = "(".repeat(200_000) + "1" + ")".repeat(200_000);
    assertThatThrownBy(() -> render("{{ " + deep + " }}")).isInstanceOf(TemplateException.class);
  }

  @Test
  void anErrorSaysTheLine() {
    assertThatThrownBy(() -> Template.parse("a\n\n{% if x %}\n{% shout x %}{% endif %}"))
        .hasMessage("line 4: the statement shout is not supported");
  }

  private static String render(String template) {
    Map<String, Object> variables = new HashMap<>();
    variables.put(
        "messages",
        List.of(
            message("user", " Hi {{ x }} \n"),
            message("assistant", "yo"),
            message("user", "bye 'now' \"é\"")));
    variables.put("x", "X");
    variables.put("tools", null);
    variables.put("bos_token", "[BOS]");
    variables.put("strftime_now", Callable.ofText(format -> format));
    variables.put(
        "raise_exception",
        Callable.ofText(
            message -> {
              throw new TemplateException(message);
            }));
    return Template.parse(template).render(variables);
  }

  private static Map<String, Object> message(String role, String content) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }
}
