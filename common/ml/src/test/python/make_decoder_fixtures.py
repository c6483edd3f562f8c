"""Makes the small models that ParityTest compares with, and what transformers computes with them.

    pip install torch==2.7.1 transformers==4.57.1
    python common/ml/src/test/python/make_decoder_fixtures.py common/ml/src/test/resources/decoders

Run once; what it wrote is kept in the repository.
"""

import json
import pathlib
import sys

import torch
import transformers as hf

SIZES = dict(vocab_size=61, hidden_size=16, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
             max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=0)
ROPE = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=16)
CONFIGS = {
    "llama": hf.LlamaConfig(**SIZES, num_key_value_heads=2, tie_word_embeddings=False),
    "llama3": hf.LlamaConfig(**SIZES, num_key_value_heads=1, tie_word_embeddings=True, rope_theta=500000.0,
                             rope_scaling=ROPE, attention_bias=True, mlp_bias=True),
    "mistral": hf.MistralConfig(**SIZES, num_key_value_heads=2, sliding_window=5, head_dim=6),
    "qwen2": hf.Qwen2Config(**SIZES, num_key_value_heads=2, tie_word_embeddings=True),
    "qwen3": hf.Qwen3Config(**SIZES, num_key_value_heads=2, head_dim=8, tie_word_embeddings=False),
    "gpt2": hf.GPT2Config(vocab_size=61, n_embd=16, n_layer=2, n_head=4, n_positions=64, bos_token_id=1,
                          eos_token_id=2, pad_token_id=0, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0),
}


def fixture(name, config, folder):
    torch.manual_seed(3)
    # Attention written out, as it is here; the fused kernels of a processor add up in another order.
    model = hf.AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    with torch.no_grad():
        for key, weight in model.named_parameters():
            # Large enough that attention and gates are far from linear; biases and norms that matter.
            scale = 0.3 if weight.dim() > 1 else 0.2
            weight.add_(scale * torch.randn_like(weight))
    model.eval()
    model.save_pretrained(folder)
    for other in folder.iterdir():
        if other.name not in ("config.json", "model.safetensors"):
            other.unlink()
    ids = torch.randint(3, 61, (2, 19))
    logits = model(ids).logits
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, 61), ids[:, 1:].reshape(-1))
    loss.backward()
    parameters = dict(model.named_parameters())
    names = [n for n in parameters if n.endswith(("layers.0.self_attn.k_proj.weight", "layers.1.mlp.down_proj.weight",
                                                  "h.0.attn.c_attn.weight", "h.1.mlp.c_proj.weight"))]
    expected = dict(
        ids=ids.tolist(),
        logits=[[round(x, 7) for x in logits[0, t].tolist()] for t in (0, 7, 18)],
        loss=loss.item(),
        gradients={n: [round(x, 8) for x in parameters[n].grad.flatten()[:40].tolist()] for n in names},
        norms={n: parameters[n].grad.norm().item() for n in names},
    )
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def main(root):
    for name, config in CONFIGS.items():
        folder = pathlib.Path(root) / name
        folder.mkdir(parents=True, exist_ok=True)
        fixture(name, config, folder)
        print(name, sum(f.stat().st_size for f in folder.iterdir()), "bytes")


main(sys.argv[1])
