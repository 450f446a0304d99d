import { mkdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import { nullIfMissing, replaceFile } from "../base/files/durable-file.ts";
import { freeMemory } from "../base/free-memory.ts";
import { canonicalJson, jsonOrNull } from "../base/json.ts";
import { memoryBudget } from "../base/memory-budget.ts";
import { sha256 } from "../base/sha256.ts";
import { lockRun } from "../flow/run-lock.ts";
import { claimFolder } from "../flow/run-mark.ts";
import type { TaskProgress } from "../flow/task.ts";
import { baseHash } from "./base/base-hash.ts";
import { readChats } from "./data/read-chats.ts";
import { trainingIdentity, type TrainingSettings } from "./settings.ts";
import { ownTools, trainRows, type Tools } from "./train-rows.ts";

export interface FinetuneFileOptions {
  /** JSON lines of conversations. Absolute. */
  readonly file: string;
  /** A .gguf file, or a folder. Absolute. */
  readonly base: string;
  /** Folder for the adapter. Absolute. */
  readonly out: string;
  readonly settings: TrainingSettings;
  /** Share of the rows that are kept for validation. */
  readonly valid: number;
  readonly threads: number;
  readonly checkpointEveryS: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
  readonly tools?: Tools;
}

const epochSummary = z.strictObject({
  epoch: z.int(),
  trainLoss: z.number().nullable(),
  validLoss: z.number().nullable(),
  steps: z.int(),
  tokens: z.int(),
  answerTokens: z.int(),
  seconds: z.number(),
});

/** What `finetune.json` in the folder says once the adapter is trained. */
const summary = z.strictObject({
  format: z.literal(1),
  /** Hash of rows, base model and settings. */
  training: z.string(),
  base: z.string(),
  trainRows: z.int(),
  validRows: z.int(),
  longRows: z.int(),
  longestRow: z.int(),
  parameters: z.int(),
  bestEpoch: z.int(),
  stopped: z.string().nullable(),
  epochs: z.array(epochSummary),
});

/** An adapter that was trained on a file. */
export type FinetunedFile = z.output<typeof summary> & {
  /** Whether it had been trained before, so that nothing was done. */
  readonly isKept: boolean;
};

const summaryName = "finetune.json";
const begunName = "training.json";
const begun = z.object({ training: z.string() });

/** How the command line names what can be changed. */
const optionNames = {
  ...{ maxTokens: "--max-tokens", maxLong: "--max-tokens", base: "--base" },
  isOption: true,
} as const;

/**
 * Trains an adapter on a file of conversations. Stopped and called again with the same file, base model and settings, it goes on; once
 * done, it only says what came of it.
 *
 * @throws `RUN_INVALID` for a folder with another training, or that is not ours; what reading the rows and the training throw
 */
export async function finetuneFile(options: FinetuneFileOptions): Promise<FinetunedFile> {
  const { file, base, out, settings, valid, signal } = options;
  const chats = await readChats(file, { valid, seed: settings.seed });
  const identity = { settings: trainingIdentity(settings), valid, rows: chats.content };
  const training = sha256(canonicalJson({ ...identity, base: await baseHash(base) }));
  await claimFolder(out, "finetune", {
    isFormer: () => Promise.resolve(false),
    cure: "Choose another --out.",
  });
  const release = await lockRun(out);
  try {
    await begin(out, training);
    const done = summary.safeParse(jsonOrNull((await textOf(join(out, summaryName))) ?? ""));
    if (done.success && done.data.training === training) return { ...done.data, isKept: true };
    const checkpoint = join(out, "checkpoints", `${training}.safetensors`);
    await mkdir(join(out, "checkpoints"), { recursive: true });
    const { threads, checkpointEveryS, onProgress, tools = ownTools } = options;
    const { freeBytes } = freeMemory();
    const { trained, encoded, parameters } = await trainRows(
      {
        ...{ what: basename(file), rows: chats.rows, base, settings, maxLong: 1 },
        names: optionNames,
        budget: memoryBudget({ bytes: freeBytes, shares: 1 }, "--threads"),
        runtime: { threads, checkpoint, checkpointEveryS, signal },
        progress: onProgress,
        folder: () => Promise.resolve(out),
      },
      tools,
    );
    const made = summary.parse({
      ...{ format: 1, training, base, parameters },
      trainRows: encoded.train.length,
      validRows: encoded.valid.length,
      longRows: encoded.longRows,
      longestRow: encoded.longestRow,
      bestEpoch: trained.bestEpoch,
      stopped: trained.stopped,
      epochs: trained.epochs,
    });
    await replaceFile(join(out, summaryName), `${JSON.stringify(made, null, 1)}\n`);
    await rm(join(out, "checkpoints"), { recursive: true, force: true });
    return { ...made, isKept: false };
  } finally {
    await release();
  }
}

/** Notes which training the folder is of, or finds it there. */
async function begin(out: string, training: string): Promise<void> {
  const path = join(out, begunName);
  const found = begun.safeParse(jsonOrNull((await textOf(path)) ?? ""));
  if (found.success && found.data.training !== training) {
    throw new FlowError(
      "RUN_INVALID",
      `${out} holds the training of other rows, another base model, or other settings. Choose another --out, or delete that folder.`,
    );
  }
  await replaceFile(path, `${JSON.stringify({ training })}\n`);
}

function textOf(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(nullIfMissing);
}
