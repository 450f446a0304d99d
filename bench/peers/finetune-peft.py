"""LoRA fine-tuning with PyTorch, transformers and PEFT at the shape of Qwen2.5-0.5B, with random weights: the peer of bench/finetune.ts.

Usage: python3 finetune-peft.py [OPTIONS], a JSON object with any of the keys of `defaults` below. Needs torch, transformers and peft.
Writes a JSON line {versions, options, parameters, gflops, importedRssMb}, then one for each JSON line it reads:
{"steps"}  ->  {"steps", "tokens", "seconds", "loss", "peakRssMb"}: of optimiser steps, each on one row
gflops is the speed of the installed matrix product; importedRssMb the process's memory when the packages are loaded and nothing else, MiB;
peakRssMb its most until now.
"""

import json
import resource
import sys
import time

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, Qwen2Config

defaults = {
    "threads": 2,
    "layers": 24,
    "hidden": 896,
    "heads": 14,
    "keyHeads": 2,
    "inner": 4864,
    "vocabulary": 151936,
    "rank": 8,
    "alpha": 16,
    # Tokens of a row, and how many at its end are learned: 43 %.
    "tokens": 704,
    "learned": 303,
    # Gradient checkpointing: a layer's activations are computed again in its backward pass.
    "checkpointing": False,
    # "learned": logits of the learned tokens only, by `logits_to_keep`. "all": of all tokens, as the trainers of transformers and TRL do it.
    "head": "learned",
}


class Trainer:
    def __init__(self, options):
        self.learned, self.head = options["learned"], options["head"]
        config = Qwen2Config(
            vocab_size=options["vocabulary"],
            hidden_size=options["hidden"],
            num_hidden_layers=options["layers"],
            num_attention_heads=options["heads"],
            num_key_value_heads=options["keyHeads"],
            intermediate_size=options["inner"],
            max_position_embeddings=32768,
            rope_parameters={"rope_type": "default", "rope_theta": 1e6},
            tie_word_embeddings=True,
            use_cache=False,
        )
        base = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
        if options["checkpointing"]:
            base.gradient_checkpointing_enable({"use_reentrant": False})
        lora = LoraConfig(
            task_type="CAUSAL_LM",
            r=options["rank"],
            lora_alpha=options["alpha"],
            lora_dropout=0.0,
            target_modules="all-linear",
        )
        self.model = get_peft_model(base, lora).train()
        self.parameters = [each for each in self.model.parameters() if each.requires_grad]
        self.optimizer = torch.optim.AdamW(self.parameters, lr=1e-4, weight_decay=0, fused=True)
        self.ids = torch.randint(0, options["vocabulary"], (1, options["tokens"]))

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        keep = self.learned + 1 if self.head == "learned" else 0
        logits = self.model(input_ids=self.ids, logits_to_keep=keep).logits[0, -self.learned - 1 : -1]
        loss = cross_entropy(logits, self.ids[0, -self.learned :])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return loss.item()

    def measure(self, steps):
        started = time.perf_counter()
        for _ in range(steps):
            loss = self.step()
        seconds = time.perf_counter() - started
        tokens = steps * self.ids.shape[1]
        return {"steps": steps, "tokens": tokens, "seconds": seconds, "loss": loss, "peakRssMb": peak_rss_mb()}


def peak_rss_mb():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def gflops(rows, inputs, outputs):
    """Of the matrix product of a row's tokens with a feed-forward layer: the best of 20, since other processes only slow it down."""
    a, b = torch.randn(rows, inputs), torch.randn(inputs, outputs)
    seconds = []
    for _ in range(20):
        started = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - started)
    return 2 * rows * inputs * outputs / min(seconds) / 1e9


def main():
    options = defaults | (json.loads(sys.argv[1]) if len(sys.argv) > 1 else {})
    torch.set_num_threads(options["threads"])
    torch.manual_seed(1)
    say = lambda answer: print(json.dumps(answer), flush=True)
    imported_rss_mb = peak_rss_mb()
    trainer = Trainer(options)
    say(
        {
            "versions": {module.__name__: module.__version__ for module in (torch, transformers, peft)},
            "options": options,
            "parameters": sum(each.numel() for each in trainer.parameters),
            "gflops": gflops(options["tokens"], options["hidden"], options["inner"]),
            "importedRssMb": imported_rss_mb,
        }
    )
    for line in sys.stdin:
        say(trainer.measure(json.loads(line)["steps"]))


if __name__ == "__main__":
    main()
