import type { Subject } from "../base/terms.ts";

/** What fine-tuning came to. */
export interface FinetuneResults {
  readonly adapters: readonly AdapterResult[];
}

/** One adapter. Losses are means over the tokens of answers, nats. */
export interface AdapterResult {
  readonly subject: Subject;
  readonly role: "actor" | "reflector";
  /** As `finetune.base` names it. */
  readonly base: string;
  /** Of LoRA; null for an adapter that was trained elsewhere. */
  readonly rank: number | null;
  readonly trainRows: number;
  readonly validRows: number;
  /** Left out because they are too long. */
  readonly longRows: number;
  /** The epoch that is kept. */
  readonly bestEpoch: number;
  /** Of the base model; null without validation rows. */
  readonly validLossBefore: number | null;
  readonly validLossAfter: number | null;
  /** Trained numbers. */
  readonly parameters: number;
  /** Trained on, in all epochs. */
  readonly tokens: number;
  /** Why training ended early; null as a rule. */
  readonly stopped: string | null;
  /** Wall time. */
  readonly seconds: number;
  readonly epochs: readonly AdapterEpochResult[];
}

export interface AdapterEpochResult {
  /** 0 is the base model. */
  readonly epoch: number;
  /** Null for epoch 0. */
  readonly trainLoss: number | null;
  readonly validLoss: number | null;
}
