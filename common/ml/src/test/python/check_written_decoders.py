"""Holds what ParityTest and ChatEncodingTest wrote to what transformers makes of it: tensors, logits, chats.

    python common/ml/src/test/python/check_written_decoders.py common/ml/target/written-decoders common/ml/target/written-chats
"""

import json
import pathlib
import sys

import torch
import transformers as hf


def check(folder):
    ours = json.loads((folder / "ours.json").read_text())
    model, report = hf.AutoModelForCausalLM.from_pretrained(
        folder, output_loading_info=True, attn_implementation="eager", torch_dtype=torch.float32)
    left = {k: v for k, v in report.items() if v and k != "error_msgs"}
    assert not left, f"{folder.name}: {left}"
    with torch.no_grad():
        theirs = model.eval()(torch.tensor([ours["ids"]])).logits[0]
    difference = (theirs - torch.tensor(ours["logits"]).reshape(theirs.shape)).abs().max() / theirs.abs().max()
    assert difference < 1e-4, f"{folder.name}: logits differ by {difference} of the largest"
    print(f"transformers: {folder.name} gives our logits, within {difference:.1e} of the largest")


def check_chat(folder):
    expected = json.loads((folder / "expected.json").read_text())
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    asked = [{"role": "user", "content": " what's that? "}]
    ids = tokenizer.apply_chat_template(asked, add_generation_prompt=True, date="26 Jul 2024")
    assert ids == expected["asked"]["ids"], f"{folder.name}: {ids}"
    assert (tokenizer.bos_token, tokenizer.eos_token) == ("[BOS]", "[EOS]"), folder.name
    print(f"transformers: {folder.name} lays a chat out as we do")


folders = sorted(p.parent for p in pathlib.Path(sys.argv[1]).glob("*/ours.json"))
assert len(folders) == 6, folders
for one in folders:
    check(one)

chats = sorted(p.parent for p in pathlib.Path(sys.argv[2]).glob("*/expected.json"))
assert len(chats) == 3, chats
for one in chats:
    check_chat(one)
