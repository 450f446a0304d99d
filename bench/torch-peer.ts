/** @file PyTorch in its own process, training the same model: bench/peers/train.py. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackboneName } from "../src/models/backbones.ts";
import type { Batch, Engine } from "../src/train/engine/engine.ts";
import { startPython } from "./python-peer.ts";
import { rows, users, vectorDim, type movielensShape } from "./train-cases.ts";

/** `model`: batches are prepared beforehand. `loader`: rows are shuffled, gathered and joined with their vectors too. */
export type Mode = "model" | "loader";

export interface TorchPeer {
  readonly version: string;
  readonly parameters: number;
  /** Speed of a float32 matrix product, 10^9 operations per second. */
  readonly gflops: number;
  /** Takes the engine's parameters and then steps on one batch at learning rate 1e-3; returns each step's loss. */
  readonly losses: (engine: Engine, batch: Batch, steps: number) => Promise<readonly number[]>;
  /** Optimiser steps per second. */
  readonly measure: (mode: Mode, seconds: number) => Promise<number>;
  readonly close: () => void;
}

export interface PeerOptions {
  readonly python: string;
  readonly backbone: BackboneName;
  readonly shape: ReturnType<typeof movielensShape>;
  readonly threads: number;
}

export async function startTorchPeer(options: PeerOptions): Promise<TorchPeer> {
  const { python, backbone, shape, threads } = options;
  const job = { backbone, shape: { ...shape, vectorDim }, rows, users, threads };
  const { answer, ask, close } = startPython({ python, script: "train.py", options: job, threads });
  const { version, parameters, gflops } = await answer();
  return {
    version: String(version),
    parameters: Number(parameters),
    gflops: Number(gflops),
    losses: async (engine, batch, steps) => {
      const folder = await mkdtemp(join(tmpdir(), "r4ec-bench-"));
      try {
        const request = await writeCheck(join(folder, "numbers"), engine, batch);
        return (await ask({ ...request, steps }))["losses"] as readonly number[];
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    measure: async (mode, seconds) => {
      const measured = await ask({ do: mode, seconds });
      return Number(measured["steps"]) / Number(measured["seconds"]);
    },
    close,
  };
}

/** Writes parameters and batch one after the other as float32, which represents every id exactly, and returns their offsets. */
async function writeCheck(file: string, engine: Engine, { size, ...arrays }: Batch) {
  const parameters = engine.tensors.filter(({ kind }) => kind === "parameter");
  const values = (await engine.snapshot()).subarray(0, engine.parameterCount);
  const batch = Object.entries(arrays).map(([name, { length }]) => {
    const width = length / size;
    return { name, shape: width === 1 ? [size] : [size, width] };
  });
  const numbers = [values, ...Object.values(arrays)].map((array) => Float32Array.from(array));
  await writeFile(file, Buffer.concat(numbers.map((array) => new Uint8Array(array.buffer))));
  return { do: "check", file, parameters, batch };
}
