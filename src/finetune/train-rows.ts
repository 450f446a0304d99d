/** @file From rows of conversations to a trained adapter on disk: what a run and the command have in common. */
import type { MemoryBudget } from "../base/memory-budget.ts";
import type { TaskProgress } from "../flow/task.ts";
import { writeAdapter } from "./adapter/adapter-folder.ts";
import type { BaseModel } from "./base/base-model.ts";
import { openBaseModel } from "./base/open-base-model.ts";
import type { ChatRow } from "./data/chat-row.ts";
import {
  encodeRows,
  requireRows,
  type EncodedRows,
  type EncodeLimits,
} from "./data/encode-rows.ts";
import type { AdapterRuntime, TrainedAdapter } from "./loop/adapter-training.ts";
import { loraCount, trainingNeed, type CureNames } from "./loop/estimate.ts";
import { trainAdapter } from "./loop/train-adapter.ts";
import { rowTokens } from "./loop/training-batches.ts";
import { adapterSettings, type TrainingSettings } from "./settings.ts";
import { progressReport } from "./loop/progress-report.ts";

/** What the training is done with; tests replace it. */
export interface Tools {
  readonly open: (path: string) => Promise<BaseModel>;
  readonly train: typeof trainAdapter;
  readonly write: typeof writeAdapter;
}

/** The model files, the trainer and the writers of this room. */
export const ownTools: Tools = { open: openBaseModel, train: trainAdapter, write: writeAdapter };

export interface TrainRows {
  /** Whose adapter it is, such as "the user actor"; for messages. */
  readonly what: string;
  readonly rows: readonly ChatRow[];
  /** Path of the base model. */
  readonly base: string;
  readonly settings: TrainingSettings;
  readonly maxLong: number;
  /** How cures name what can be changed. */
  readonly names: EncodeLimits["settings"] & CureNames;
  readonly budget: MemoryBudget;
  readonly runtime: Pick<AdapterRuntime, "threads" | "checkpoint" | "checkpointEveryS" | "signal">;
  readonly progress: (progress: TaskProgress) => void;
  /** Makes and returns the folder for the adapter's files. Absolute. */
  readonly folder: () => Promise<string>;
}

/** A trained adapter, which is on disk, and what it was made of. */
export interface TrainedRows {
  readonly trained: TrainedAdapter;
  readonly encoded: EncodedRows;
  /** Trained numbers. */
  readonly parameters: number;
  /** Absolute. */
  readonly folder: string;
}

/**
 * Trains an adapter on rows and writes its files.
 *
 * @throws `INPUT_INVALID` for rows that cannot be learned from, see {@link requireRows}; `OUT_OF_MEMORY` where the training would not fit;
 *   what opening the base model and the training throw
 */
export async function trainRows(
  { what, rows, settings, maxLong, names, budget, runtime, progress, ...job }: TrainRows,
  { open, train, write }: Tools = ownTools,
): Promise<TrainedRows> {
  const base = await open(job.base);
  try {
    const { config, tokenizer } = base;
    const chosen = adapterSettings(settings);
    const maxTokens = Math.min(chosen.maxTokens, config.contextTokens);
    const fitting = { ...chosen, maxTokens };
    progress({ rowsDone: 0, detail: { adapter: what, reads: "rows" } });
    const limits = { maxTokens, maxLong, settings: names };
    const encoded = await encodeRows(rows, tokenizer, maxTokens, runtime.signal);
    requireRows(what, encoded, limits);
    const inFlight = Math.min(maxTokens, rowTokens(encoded.longestKept));
    budget.take(trainingNeed(config, { ...fitting, maxTokens: inFlight }, names));
    const notes = notesOn(what, encoded, { maxTokens, setting: names.maxTokens });
    const report = progressReport({ name: what, notes, report: progress });
    const { valid, train: learned } = encoded;
    const trained = await train({
      ...{ base, train: learned, valid, settings: fitting },
      runtime: {
        ...{ ...runtime, onProgress: report },
        onIgnored: (reason) => {
          progress({ rowsDone: 0, notes: [`${what} starts afresh: ${reason}`] });
        },
      },
    });
    if (trained.stopped !== null) {
      const kept = `the adapter of epoch ${trained.bestEpoch} is kept`;
      progress({
        rowsDone: 0,
        notes: [`${what}: training ended early: ${trained.stopped}; ${kept}`],
      });
    }
    const folder = await job.folder();
    await write(folder, trained.adapter);
    return { trained, encoded, folder, parameters: loraCount(config, chosen.lora) };
  } finally {
    await base.weights.close();
  }
}

function notesOn(
  what: string,
  { longRows, valid }: EncodedRows,
  { maxTokens, setting }: { readonly maxTokens: number; readonly setting: string },
): readonly string[] {
  const long = `${what}: ${longRows.toLocaleString("en")} rows have more than ${maxTokens.toLocaleString("en")} tokens and are left out; ${setting} says how many tokens a row may have`;
  const unchecked = `${what}: there are no validation rows, so the last epoch is kept`;
  return [...(longRows > 0 ? [long] : []), ...(valid.length === 0 ? [unchecked] : [])];
}
