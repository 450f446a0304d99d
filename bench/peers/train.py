"""Training steps in PyTorch: the peer that bench/train.ts measures beside its own engine.

Usage: python3 train.py OPTIONS, a JSON object {backbone, shape, rows, users, threads}. Writes a JSON line with the model's size and
the speed of the installed matrix product, then one for each JSON line it reads:
{"do": "check", "file", "parameters": [{name, shape}], "batch": [{name, shape}], "steps"}  ->  {"losses"}: of optimiser steps on one batch,
from the parameters given; they and the batch lie in the file one after the other, all of them as float32
{"do": "model" | "loader", "seconds"}  ->  {"steps", "seconds"}: optimiser steps, on batches that lie ready or through a DataLoader
"""

import json
import sys
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ctr_models import BACKBONES


class Rows(Dataset):
    """Random rows of MovieLens-1M's sizes; the knowledge vectors lie in tables and are looked up by id."""

    def __init__(self, shape, rows, users):
        ids = lambda highest, *size: torch.randint(1, highest + 1, size)
        vectors = lambda subjects: torch.randn(subjects + 1, shape["vectorDim"])
        self.history = shape["history"]
        self.users = ids(users, rows)
        self.items = ids(shape["items"], rows)
        self.history_items = ids(shape["items"], rows, self.history)
        self.history_ratings = ids(shape["ratings"], rows, self.history)
        self.labels = torch.randint(0, 2, (rows,)).float()
        self.attributes = ids(shape["attributeValues"], shape["items"] + 1)
        self.user_vectors = vectors(users)
        self.item_vectors = vectors(shape["items"])

    def __len__(self):
        return len(self.items)

    def __getitem__(self, row):
        item, history_items = self.items[row], self.history_items[row]
        return {
            "items": item,
            "attributes": self.attributes[item],
            "historyItems": history_items,
            "historyAttributes": self.attributes[history_items],
            "historyRatings": self.history_ratings[row],
            "historyLengths": self.history,
            "userVectors": self.user_vectors[self.users[row]],
            "itemVectors": self.item_vectors[item],
            "labels": self.labels[row],
        }


class Trainer:
    def __init__(self, options):
        shape = options["shape"]
        self.model = BACKBONES[options["backbone"]](shape)
        for parameter in self.model.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_normal_(parameter)
            else:
                nn.init.zeros_(parameter)
        self.optimizer = fastest_adamw(self.model.parameters(), lr=1e-3, weight_decay=0)
        self.loss = nn.BCEWithLogitsLoss()
        rows = Rows(shape, options["rows"], options["users"])
        self.loader = DataLoader(rows, batch_size=shape["batchSize"], shuffle=True, drop_last=True)
        self.batches = {"loader": self.endless()}
        self.batches["model"] = self.repeated([next(self.batches["loader"]) for _ in range(8)])

    def endless(self):
        while True:
            yield from self.loader

    def repeated(self, batches):
        while True:
            yield from batches

    def step(self, batch):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(batch), batch["labels"])
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def measure(self, mode, seconds):
        batches = self.batches[mode]
        for _ in range(3):
            self.step(next(batches))
        steps, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            self.step(next(batches))
            steps += 1
        return {"steps": steps, "seconds": time.perf_counter() - started}

    def check(self, request):
        tensors = request["parameters"] + request["batch"]
        sizes = [torch.Size(tensor["shape"]).numel() for tensor in tensors]
        numbers = torch.from_file(request["file"], size=sum(sizes)).split(sizes)
        given = {t["name"]: part.reshape(t["shape"]) for t, part in zip(tensors, numbers)}
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                parameter.copy_(given[name])
        floats = {"userVectors", "itemVectors", "labels"}
        names = [tensor["name"] for tensor in request["batch"]]
        batch = {name: given[name] if name in floats else given[name].long() for name in names}
        return {"losses": [self.step(batch) for _ in range(request["steps"])]}


def fastest_adamw(parameters, **options):
    """The fused kernel, which PyTorch has for CPUs since 2.4."""
    version = tuple(int(part) for part in torch.__version__.split(".")[:2])
    return torch.optim.AdamW(parameters, **options, **({"fused": True} if version >= (2, 4) else {}))


def gflops():
    """Of the matrix product: 100 and more with a good BLAS on two cores, about 4 with the reference BLAS."""
    a, b = torch.randn(256, 1024), torch.randn(1024, 1024)
    a @ b
    started = time.perf_counter()
    for _ in range(10):
        a @ b
    return 10 * 2 * 256 * 1024 * 1024 / (time.perf_counter() - started) / 1e9


def main():
    options = json.loads(sys.argv[1])
    torch.set_num_threads(options["threads"])
    torch.manual_seed(1)
    trainer = Trainer(options)
    say = lambda answer: print(json.dumps(answer), flush=True)
    parameters = sum(parameter.numel() for parameter in trainer.model.parameters())
    say({"version": torch.__version__, "parameters": parameters, "gflops": gflops()})
    for line in sys.stdin:
        request = json.loads(line)
        do = request["do"]
        say(trainer.check(request) if do == "check" else trainer.measure(do, request["seconds"]))


if __name__ == "__main__":
    main()
