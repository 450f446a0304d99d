/** @file PyTorch in its own process, training the same model: bench/peers/train.py. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { BackboneName } from "../src/models/backbones.ts";
import type { Batch, Engine } from "../src/train/engine/engine.ts";
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

/** The first of these interpreters that has PyTorch. */
export function findTorch(candidates: readonly string[]): string | undefined {
  return candidates.find((python) => spawnSync(python, ["-c", "import torch"]).status === 0);
}

/** Starts PyTorch with threads that sleep while they wait; otherwise they would take time from the other side. */
export async function startTorchPeer(options: PeerOptions): Promise<TorchPeer> {
  const { python, backbone, shape, threads } = options;
  const script = fileURLToPath(new URL("peers/train.py", import.meta.url));
  const job = { backbone, shape: { ...shape, vectorDim }, rows, users, threads };
  const child = spawn(python, [script, JSON.stringify(job)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      OMP_WAIT_POLICY: "passive",
      OMP_NUM_THREADS: String(threads),
      OPENBLAS_NUM_THREADS: String(threads),
    },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Record<string, unknown>> => {
    const line = await lines.next();
    if (line.done) throw new Error(`${python} ${script} ended early`);
    return JSON.parse(line.value) as Record<string, unknown>;
  };
  const ask = (request: unknown): Promise<Record<string, unknown>> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return answer();
  };
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
    close: () => child.stdin.end(),
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
