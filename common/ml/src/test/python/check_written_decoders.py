"""Holds what ParityTest wrote to what transformers computes with it: the same tensors, the same logits.

    python common/ml/src/test/python/check_written_decoders.py common/ml/target/written-decoders
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


folders = sorted(p.parent for p in pathlib.Path(sys.argv[1]).glob("*/ours.json"))
assert len(folders) == 6, folders
for one in folders:
    check(one)
