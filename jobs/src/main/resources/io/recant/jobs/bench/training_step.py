"""One optimisation step of gradient difference in plain PyTorch, timed by order.

Usage: training_step.py FOLDER THREADS. FOLDER holds config.json, model.safetensors and batches.safetensors. Each
line of the standard input is a number of steps; the answer is one line of JSON with the loss, the seconds and the
seconds of processor time of each.
Every line starts a new optimiser and goes on with the weights as they are.
"""

import json
import struct
import sys
import time

import torch
import torch.nn.functional as F

TYPES = {"F32": torch.float32, "I64": torch.int64}
LEARNING_RATE = 1e-4


def tensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    found = {}
    for name, info in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + at for at in info["data_offsets"])
            flat = torch.frombuffer(bytearray(data[begin:end]), dtype=TYPES[info["dtype"]])
            found[name] = flat.reshape(info["shape"])
    return found


class Decoder:
    def __init__(self, config, weights):
        self.config = config
        self.weights = {name: value.clone().requires_grad_() for name, value in weights.items()}
        self.head_size = config["hidden_size"] // config["num_attention_heads"]
        pairs = torch.arange(0, self.head_size, 2, dtype=torch.float64) / self.head_size
        self.frequencies = config["rope_theta"] ** -pairs

    def norm(self, x, name):
        return F.rms_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.config["rms_norm_eps"])

    def linear(self, x, name):
        return F.linear(x, self.weights[name + ".weight"])

    def heads(self, x, name):
        x = self.linear(x, name)
        return x.view(x.shape[0], x.shape[1], -1, self.head_size).transpose(1, 2)

    def rotate(self, x, cosines, sines):
        first, second = x.chunk(2, dim=-1)
        return x * cosines + torch.cat((-second, first), dim=-1) * sines

    def logits(self, ids, positions):
        angles = torch.outer(torch.arange(ids.shape[1], dtype=torch.float64), self.frequencies)
        angles = torch.cat((angles, angles), dim=-1)
        cosines, sines = angles.cos().float(), angles.sin().float()
        x = F.embedding(ids, self.weights["model.embed_tokens.weight"])
        for i in range(self.config["num_hidden_layers"]):
            layer = f"model.layers.{i}."
            h = self.norm(x, layer + "input_layernorm")
            q = self.rotate(self.heads(h, layer + "self_attn.q_proj"), cosines, sines)
            k = self.rotate(self.heads(h, layer + "self_attn.k_proj"), cosines, sines)
            v = self.heads(h, layer + "self_attn.v_proj")
            a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            a = a.transpose(1, 2).reshape(x.shape)
            x = x + self.linear(a, layer + "self_attn.o_proj")
            h = self.norm(x, layer + "post_attention_layernorm")
            gate = F.silu(self.linear(h, layer + "mlp.gate_proj"))
            x = x + self.linear(gate * self.linear(h, layer + "mlp.up_proj"), layer + "mlp.down_proj")
        x = self.norm(x, "model.norm")
        x = x.reshape(-1, x.shape[-1])[positions.reshape(-1)]
        return self.linear(x, "model.embed_tokens")

    def loss(self, batch):
        logits = self.logits(batch["ids"], batch["positions"])
        losses = F.cross_entropy(logits, batch["labels"].reshape(-1), reduction="none")
        mask = batch["mask"].reshape(-1)
        return (losses * mask).sum() / mask.sum()


def step(model, optimizer, parameters, forget, retain):
    optimizer.zero_grad()
    loss = model.loss(retain) - model.loss(forget)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return loss.item()


def main(folder, threads):
    torch.set_num_threads(threads)
    with open(folder + "/config.json") as file:
        config = json.load(file)
    model = Decoder(config, tensors(folder + "/model.safetensors"))
    parameters = list(model.weights.values())
    batches = tensors(folder + "/batches.safetensors")
    forget, retain = (
        {key.split(".")[1]: value for key, value in batches.items() if key.startswith(part)}
        for part in ("forget", "retain")
    )
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=0)
        losses, seconds, cpu_seconds = [], [], []
        for _ in range(int(line)):
            start, cpu_start = time.perf_counter(), time.process_time()
            losses.append(step(model, optimizer, parameters, forget, retain))
            seconds.append(time.perf_counter() - start)
            cpu_seconds.append(time.process_time() - cpu_start)
        print(json.dumps({"losses": losses, "seconds": seconds, "cpu_seconds": cpu_seconds}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
