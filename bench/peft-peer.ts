/** @file LoRA with PyTorch, transformers and PEFT in its own process: bench/peers/finetune-peft.py. */
import { z } from "zod";
import type { DecoderConfig } from "../src/finetune/decoder/decoder-config.ts";
import { findPython, startPython } from "./python-peer.ts";

/** `all`: logits of all tokens, as the trainers of transformers and TRL compute them. `learned`: of the learned ones only. */
export type PeftHead = "learned" | "all";

export interface PeftOptions {
  readonly python: string;
  /** Of a Qwen2. */
  readonly config: DecoderConfig;
  readonly threads: number;
  /** Tokens of a row, and how many at its end are learned. */
  readonly tokens: number;
  readonly learned: number;
  /** Whether a layer's activations are computed again in its backward pass. */
  readonly checkpointing: boolean;
  readonly head: PeftHead;
}

export interface PeftPeer {
  /** Versions, and what it does other than by default. */
  readonly name: string;
  /** Speed of a float32 matrix product, 10^9 operations per second. */
  readonly gflops: number;
  /** Memory when the packages are loaded and nothing else, MiB. */
  readonly importedRssMb: number;
  /** Takes an optimiser step on a row. */
  readonly step: () => Promise<{ readonly seconds: number; readonly peakRssMb: number }>;
  readonly close: () => void;
}

const greeting = z.object({
  versions: z.record(z.string(), z.string()),
  gflops: z.number(),
  importedRssMb: z.number(),
});
const measured = z.object({ seconds: z.number(), peakRssMb: z.number() });

/** Whether this interpreter has PEFT. */
export function hasPeft(python: string): boolean {
  return findPython([python], ["torch", "transformers", "peft"]) !== undefined;
}

/** Starts PEFT on random weights, with adapters of rank 8 on all linear layers. */
export async function startPeftPeer({ python, config, ...job }: PeftOptions): Promise<PeftPeer> {
  const { layers, hidden, heads, keyHeads, inner, vocabulary } = config;
  const options = { ...job, layers, hidden, heads, keyHeads, inner, vocabulary };
  const { answer, ask, close } = startPython({
    ...{ python, script: "finetune-peft.py", options, threads: job.threads },
  });
  const { versions, ...speed } = greeting.parse(await answer());
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  if (job.head === "all") named.push("logits of all tokens");
  if (job.checkpointing) named.push("gradient checkpointing");
  return {
    ...{ name: named.join(", "), ...speed, close },
    step: async () => measured.parse(await ask({ steps: 1 })),
  };
}
