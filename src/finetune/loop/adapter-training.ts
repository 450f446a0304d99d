/** @file What goes into the training of one adapter, and what comes out. */
import type { LoraAdapter, LoraSettings } from "../adapter/lora-adapter.ts";
import type { BaseModel } from "../base/base-model.ts";
import type { EncodedChat } from "../text/chat-tokenizer.ts";

/** Settings that decide the trained numbers. */
export interface AdapterSettings {
  readonly lora: LoraSettings;
  readonly epochs: number;
  /** Peak learning rate. */
  readonly learningRate: number;
  readonly schedule: "cosine" | "constant";
  /** Share of the steps in which the rate rises, 0 to 1. */
  readonly warmup: number;
  readonly weightDecay: number;
  /** Most norm of the gradients of an update. */
  readonly clip: number;
  /** Conversations per update. */
  readonly batchSize: number;
  /** Most tokens of a packed row; no conversation may have more. */
  readonly maxTokens: number;
  /** Of the start of A, the order of the rows and dropout. */
  readonly seed: number;
}

/** How the machine is used; never changes the numbers of one thread. */
export interface AdapterRuntime {
  readonly threads: number;
  /** Safetensors file with all that is needed to go on; read if it is there, removed by the caller. */
  readonly checkpoint: string;
  readonly checkpointEveryS: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: AdapterProgress) => void;
  /** Told why a checkpoint that is there is of no use: the training starts afresh. */
  readonly onIgnored?: (reason: string) => void;
}

/** Where a training stands. */
export interface AdapterProgress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Tokens done in all epochs, and to do; padding is not counted. */
  readonly tokens: number;
  readonly tokensTotal: number;
  /** Mean loss of the answers' tokens since the last report, nats. */
  readonly loss: number;
  /** Of the last finished epoch; null before. */
  readonly validLoss: number | null;
}

export interface AdapterTraining {
  readonly base: BaseModel;
  readonly train: readonly EncodedChat[];
  /** May be empty: the last epoch is kept then. */
  readonly valid: readonly EncodedChat[];
  readonly settings: AdapterSettings;
  readonly runtime: AdapterRuntime;
}

/** One epoch; epoch 0 is the base model before training. */
export interface AdapterEpoch {
  readonly epoch: number;
  /** Mean over the answers' tokens, nats; null for epoch 0. */
  readonly trainLoss: number | null;
  /** Null without validation rows. */
  readonly validLoss: number | null;
  readonly steps: number;
  readonly tokens: number;
  /** Tokens of answers, which the loss is over. */
  readonly answerTokens: number;
  readonly seconds: number;
}

export interface TrainedAdapter {
  /** Of the epoch with the least validation loss. */
  readonly adapter: LoraAdapter;
  readonly epochs: readonly AdapterEpoch[];
  readonly bestEpoch: number;
  /** Why it ended early, with the best epoch so far; null as a rule. */
  readonly stopped: string | null;
}
