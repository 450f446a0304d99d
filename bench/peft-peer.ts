/** @file LoRA with PyTorch, transformers and PEFT in its own process: bench/peers/finetune-peft.py. */
import { findPython, startPython } from "./python-peer.ts";

/** `all`: logits of all tokens, as the trainers of transformers and TRL compute them. `learned`: of the learned ones only. */
export type PeftHead = "learned" | "all";

export interface PeftOptions {
  readonly python: string;
  readonly threads: number;
  /** Tokens of a row, and how many at its end are learned. */
  readonly tokens: number;
  readonly learned: number;
  /** Whether a layer's activations are computed again in its backward pass. */
  readonly checkpointing: boolean;
  readonly head: PeftHead;
}

export interface PeftPeer {
  /** Of torch, transformers and peft. */
  readonly versions: string;
  /** Trained ones. */
  readonly parameters: number;
  /** Speed of a float32 matrix product, 10^9 operations per second. */
  readonly gflops: number;
  /** Memory when the packages are loaded and nothing else, MiB. */
  readonly importedRssMb: number;
  /** Optimiser steps on a row each. */
  readonly measure: (
    steps: number,
  ) => Promise<{ readonly tokensPerS: number; readonly peakRssMb: number }>;
  readonly close: () => void;
}

/** The first of these interpreters that has PEFT. */
export function findPeft(candidates: readonly string[]): string | undefined {
  return findPython(candidates, ["torch", "transformers", "peft"]);
}

/** Starts PEFT at the shape of Qwen2.5-0.5B with random weights, adapters of rank 8 on all linear layers. */
export async function startPeftPeer(options: PeftOptions): Promise<PeftPeer> {
  const { python, ...job } = options;
  const { answer, ask, close } = startPython({
    ...{ python, script: "finetune-peft.py", options: job, threads: job.threads },
  });
  const { versions, parameters, gflops, importedRssMb } = await answer();
  return {
    versions: Object.entries(versions as Readonly<Record<string, string>>)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    parameters: Number(parameters),
    gflops: Number(gflops),
    importedRssMb: Number(importedRssMb),
    measure: async (steps) => {
      const { tokens, seconds, peakRssMb } = await ask({ steps });
      return { tokensPerS: Number(tokens) / Number(seconds), peakRssMb: Number(peakRssMb) };
    },
    close,
  };
}
