import type { Subject } from "../base/terms.ts";

/** What fine-tuning came to. */
export interface FinetuneResults {
  /** Those that the run trained. */
  readonly adapters: readonly AdapterResult[];
  /** Those that were trained elsewhere; of their training nothing is known. */
  readonly elsewhere: readonly ElsewhereResult[];
  /** Answers to held-out prompts, base before adapter; empty where none were asked. */
  readonly answers: readonly AnswerResult[];
}

/** Answers of one model to the held-out prompts of one adapter. Shares from 0 to 1; null where there is nothing to divide by. */
export interface AnswerResult {
  readonly subject: Subject;
  readonly role: "actor" | "reflector";
  readonly model: "base" | "adapter";
  readonly answers: number;
  /** Share that could be read. */
  readonly readable: number;
  /** Share of judgements that are the teacher's; one that cannot be read is none. Null for the actor. */
  readonly accuracy: number | null;
  /** Of "unreasonable": share of those said that are the teacher's too. */
  readonly precision: number | null;
  /** Of "unreasonable": share of the teacher's that were said. */
  readonly recall: number | null;
  /** Of texts and reflections. */
  readonly meanWords: number | null;
  /** Share of the readable answers that name a title which only the teacher knew. */
  readonly leaked: number | null;
}

/** An adapter that was trained elsewhere. */
export interface ElsewhereResult {
  readonly subject: Subject;
  readonly role: "actor" | "reflector";
  /** As `finetune.base` names it. */
  readonly base: string;
  /** Its folder in the run folder, or the name under which a server serves it. */
  readonly path: string;
}

/** One adapter. Losses are means over the tokens of answers, nats. */
export interface AdapterResult {
  readonly subject: Subject;
  readonly role: "actor" | "reflector";
  /** As `finetune.base` names it. */
  readonly base: string;
  /** Of LoRA; null where it is not known. */
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
