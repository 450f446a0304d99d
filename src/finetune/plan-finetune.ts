/** @file What fine-tuning would take, known before it begins. */
import { FlowError } from "../base/errors.ts";
import { memoryBudget } from "../base/memory-budget.ts";
import type { Database } from "../tables/database.ts";
import { openBaseModel } from "./base/open-base-model.ts";
import { settingNames } from "./setting-names.ts";
import {
  encodeRows,
  requireRows,
  type EncodedRows,
  type EncodeLimits,
} from "./data/encode-rows.ts";
import { loadLessons } from "./data/load-lessons.ts";
import { trainingFlops, trainingNeed } from "./loop/estimate.ts";
import { rowTokens, wishedTokens } from "./loop/training-batches.ts";
import { adapterSettings, type AdapterIdentity, type FinetuneSettings } from "./settings.ts";

/** Estimate of the training of one adapter. */
export interface AdapterPlan extends AdapterIdentity {
  readonly trainRows: number;
  readonly validRows: number;
  /** Left out because they are longer than maxTokens. */
  readonly longRows: number;
  /** Why a run would stop there: no row left, or too many left out. Null where it would not. */
  readonly refusal: string | null;
  /** Of prompts and answers, in all epochs. */
  readonly tokens: number;
  /** Of answers, in all epochs. */
  readonly answerTokens: number;
  readonly memoryBytes: number;
  /** Wall time, s; how fast cores are is not known before. */
  readonly seconds: { readonly least: number; readonly most: number };
}

/** Operations per second of a core: with AVX-512 and nothing else to do, and of older or shared ones. */
const flopsPerCore = { most: 160e9, least: 50e9 } as const;

/**
 * Counts the tokens of the rows that adapters are still to be trained on, by the base model's own tokenizer.
 *
 * @param db - Has the views `sft_reason`, `sft_refine` and `sft_reflect`; empty where they are not taught
 * @param open - For tests
 * @throws what opening the base model and reading the rows throw
 */
export async function planFinetune(
  db: Database,
  finetune: FinetuneSettings,
  adapters: readonly AdapterIdentity[],
  threads: number,
  open = openBaseModel,
): Promise<readonly AdapterPlan[]> {
  const base = await open(finetune.base);
  try {
    const { config, tokenizer } = base;
    const { lora, epochs, ...settings } = adapterSettings(finetune);
    const maxTokens = Math.min(settings.maxTokens, config.contextTokens);
    const plans: AdapterPlan[] = [];
    for (const adapter of adapters) {
      const rows = await loadLessons(db, adapter);
      const { signal } = new AbortController();
      const encoded = await encodeRows(rows, tokenizer, maxTokens, signal);
      const { train, valid, longRows, longestKept } = encoded;
      const answerTokens = epochs * train.reduce((sum, { answer }) => sum + answer.length, 0);
      const tokens =
        answerTokens + epochs * train.reduce((sum, { prompt }) => sum + prompt.length, 0);
      const inFlight = Math.min(maxTokens, rowTokens(longestKept));
      const flops = trainingFlops(config, { tokens, answerTokens });
      plans.push({
        ...adapter,
        ...{ trainRows: train.length, validRows: valid.length, longRows, tokens, answerTokens },
        refusal: refusalOf(`the ${adapter.subject} ${adapter.role}`, encoded, {
          ...{ maxTokens, maxLong: finetune.maxLong, settings: settingNames },
        }),
        memoryBytes: trainingNeed(config, { lora, maxTokens: inFlight }, settingNames).bytes,
        seconds: {
          least: flops / (threads * flopsPerCore.most),
          most: flops / (threads * flopsPerCore.least),
        },
      });
    }
    return plans;
  } finally {
    await base.weights.close();
  }
}

function refusalOf(what: string, rows: EncodedRows, limits: EncodeLimits): string | null {
  try {
    requireRows(what, rows, limits);
    return null;
  } catch (error) {
    if (error instanceof FlowError) return error.message;
    throw error;
  }
}

/**
 * Looks at what surely has to be there for any rows: a base model that can be trained, in memory that the machine has.
 *
 * @param totalBytes - Memory of the machine
 * @param open - For tests
 * @throws what opening the base model throws; `OUT_OF_MEMORY` where it would not fit
 */
export async function requireTrainable(
  finetune: FinetuneSettings,
  totalBytes: number,
  open = openBaseModel,
): Promise<void> {
  const base = await open(finetune.base);
  await base.weights.close();
  const { lora, maxTokens } = adapterSettings(finetune);
  const inFlight = Math.min(maxTokens, wishedTokens);
  const budget = memoryBudget({ bytes: totalBytes, shares: 1 }, "runtime.threads");
  budget.take(trainingNeed(base.config, { lora, maxTokens: inFlight }, settingNames));
}
