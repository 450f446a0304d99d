import { availableParallelism } from "node:os";
import { z } from "zod";
import { freeMemory } from "../base/free-memory.ts";
import {
  bucketsSetting,
  contextsSettings,
  datasetSettings,
  ingestTasksSetting,
  protocolSetting,
  samplesSettings,
} from "../dataset/settings.ts";
import { encodeBlock } from "../encode/settings.ts";
import { constructSettings } from "../knowledge/construct/settings.ts";
import { finetuneSettings } from "../finetune/settings.ts";
import { knowledgeSettings } from "../knowledge/settings.ts";
import { trainRuntime, trainSettings } from "../train/settings.ts";
import { compareSettings } from "../experiments/settings.ts";
import { expectSettings } from "../dataset/audits/expected-counts.ts";
import { reportSettings } from "../report/settings.ts";
import { variantsSetting } from "./variants/variant-setting.ts";
import type { ResolvedSettings } from "./resolve-settings.ts";
import { executorSetting } from "./executor/executor-settings.ts";
import { refuseFinetune } from "./finetune-contradictions.ts";
import { refuseScale, refuseSplits, refuseTrials, refuseUserAttributes } from "./contradictions.ts";

const memoryLimit = z
  .string()
  .regex(/^\d+(\.\d+)?\s*(MB|GB)$/i, "expected an amount of memory such as 2GB or 512MB")
  .refine((text) => megabytesOf(text) >= 256, "at least 256MB are needed");

/** "2GB" as 2048. */
function megabytesOf(text: string): number {
  return Math.floor(Number.parseFloat(text) * (/gb$/i.test(text) ? 1024 : 1));
}

const runtimeSettings = z
  .strictObject({
    threads: z.int().min(1).optional().describe("Cores to use. Default: all of this machine."),
    memoryLimit: memoryLimit
      .optional()
      .describe(
        "Memory for SQL, such as 2GB; beyond it queries spill to disk. Default: half of what is free, on the machine or in its container.",
      ),
    spillDir: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Folder on a disk that queries may spill to what exceeds memoryLimit. Default: tmp in the run folder.",
      ),
    ingestTasks: ingestTasksSetting,
    buckets: bucketsSetting,
    checkpointEveryS: trainRuntime.shape.checkpointEveryS,
    executor: executorSetting,
  })
  .describe("How the run uses the machine. Never changes a result's identity.");

/** The `train:` block: how models are trained, and what they are given. */
const trainBlock = trainSettings.safeExtend({ variants: variantsSetting });

/** `dataset:` of a file that has none. */
export const defaultDataset = { source: "quickstart" } as const;

/** A pipeline file: every key has a default, so that a file says only what it changes. */
export const pipelineSettings = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^(?!\.+$)[\w.-]+$/,
        "letters, digits, '.', '_' and '-' only, and no path such as '..': it names the run folder",
      )
      .default("run")
      .describe("Name of the run; its folder is runs/<name> unless --out says otherwise."),
    dataset: datasetSettings.prefault(defaultDataset),
    protocol: protocolSetting,
    samples: samplesSettings.prefault({}),
    expect: expectSettings.optional(),
    contexts: contextsSettings.prefault({}),
    knowledge: knowledgeSettings
      .prefault({})
      .describe("Who writes knowledge about users and items, and how."),
    construct: constructSettings.optional(),
    finetune: finetuneSettings.optional(),
    encode: encodeBlock.prefault({}).describe("How knowledge texts become vectors."),
    train: trainBlock.prefault({}).describe("Which CTR models are trained, and how."),
    compare: compareSettings.prefault({}).describe("How variants are compared."),
    report: reportSettings.optional(),
    runtime: runtimeSettings.prefault({}),
  })
  .superRefine(refuseTrials)
  .superRefine(refuseSplits)
  .superRefine(refuseScale)
  .superRefine(refuseUserAttributes)
  .superRefine(refuseFinetune)
  .describe("A pipeline of r4ec: from interaction logs to a measured lift.");

/** A pipeline file as checked: every default filled in. */
export type PipelineFile = z.output<typeof pipelineSettings>;

/** A pipeline file and what its settings come to together. */
export interface PipelineSettings extends PipelineFile {
  readonly resolved: ResolvedSettings;
}

type RuntimeSettings = PipelineFile["runtime"];

/** What the machine offers, where the pipeline does not say. */
export function runtimeOf({
  runtime,
}: {
  readonly runtime: Pick<RuntimeSettings, "threads" | "memoryLimit">;
}): {
  threads: number;
  memoryMb: number;
} {
  const { threads = availableParallelism(), memoryLimit: limit } = runtime;
  const memoryMb =
    limit === undefined ? defaultMemoryMb(freeMemory().freeBytes) : megabytesOf(limit);
  return { threads, memoryMb };
}

/** Half of the free memory, MiB; where little is free, 512 or as much as leaves a quarter for everything else. */
export function defaultMemoryMb(freeBytes: number): number {
  const freeMb = freeBytes / 1024 / 1024;
  return Math.floor(Math.max(256, freeMb / 2, Math.min(512, 0.75 * freeMb)));
}
