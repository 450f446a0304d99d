import { z } from "zod";
import { protocols } from "../base/terms.ts";
import { sourceSchemas } from "./sources/registry.ts";

/** `dataset:` of a pipeline file. */
export const datasetSettings = z
  .discriminatedUnion("source", sourceSchemas)
  .describe("Where the interactions come from.");
export type DatasetSettings = z.infer<typeof datasetSettings>;

/** `protocol:` of a pipeline file. */
export const protocolSetting = z
  .enum(protocols)
  .default("leakfree")
  .describe(
    "How rows are split and models are selected. leakfree: global time cuts, selected on valid. paper: global 80/20 split, fixed epochs. " +
      "reference: as the paper's public code, selected on test.",
  );

const gapUnitsUs = { s: 1_000_000, m: 60_000_000, h: 3_600_000_000, d: 86_400_000_000 } as const;

const date = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: "expected a date such as 2019-03-01 or 2019-03-01T12:00:00Z",
});

/** `samples:` of a pipeline file. */
export const samplesSettings = z
  .strictObject({
    history: z
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .describe("Maximum number of history events stored with each CTR row."),
    testShare: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.2)
      .describe("Share of all interactions, the latest ones, used as test rows (leakfree, paper)."),
    validShare: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.1)
      .describe(
        "Share of all interactions, just before the test rows, used as validation rows (leakfree).",
      ),
    validFrom: date
      .optional()
      .describe(
        "First instant of the validation rows, instead of a share (leakfree); a date is its midnight, UTC.",
      ),
    testFrom: date
      .optional()
      .describe(
        "First instant of the test rows, instead of a share (leakfree, paper); a date is its midnight, UTC.",
      ),
    gap: z
      .string()
      .regex(/^\d+[smhd]$/, "expected a whole number with its unit, such as 30m, 12h or 7d")
      .optional()
      .describe(
        "Time left out after train and between valid and test, such as 7d: rows in it are not scored (leakfree, paper).",
      ),
  })
  .refine((samples) => samples.testShare + samples.validShare < 1, {
    error: "samples.testShare and samples.validShare must add up to less than 1",
  })
  .describe("The CTR rows.");
export type SamplesSettings = z.infer<typeof samplesSettings>;

/** Length of the gap in microseconds; 0 without one. */
export function gapUs({ gap = "0s" }: Pick<SamplesSettings, "gap">): bigint {
  const [, count = "", unit = ""] = /^(\d+)([smhd])$/.exec(gap) ?? [];
  return (
    BigInt(count) * BigInt(Object.entries(gapUnitsUs).find(([name]) => name === unit)?.[1] ?? 0)
  );
}

/** A date or time from the settings, in microseconds since 1970. */
export function instantUs(date: string | undefined): bigint | undefined {
  return date === undefined ? undefined : BigInt(Date.parse(date)) * 1000n;
}

/** `contexts:` of a pipeline file. */
export const contextsSettings = z
  .strictObject({
    history: z
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .describe(
        "Events in a context: a user's first ones (which are then neither trained nor tested on), or what an item's liker and disliker rated before it.",
      ),
    seed: z.int().min(0).default(1).describe("Seed for choosing each item's liker and disliker."),
    partRows: z
      .int()
      .min(1)
      .default(512)
      .describe("Contexts per part: the unit of work that knowledge and encoding resume by."),
  })
  .describe("What the actor reads.");
export type ContextsSettings = z.infer<typeof contextsSettings>;

/** `runtime.ingestTasks` of a pipeline file. Changes the layout only, not the rows. */
export const ingestTasksSetting = z
  .union([z.literal("auto"), z.int().min(1).max(8191)])
  .default("auto")
  .describe(
    "Most tasks that read the files of the interactions; each reads a group of neighbouring files, and a file is never cut. " +
      "auto: one for every 500 MB of text begun, unpacked, or 200 MB of Parquet. With one, a single task does all of the stage ingest.",
  );

/** `runtime.buckets` of a pipeline file. Changes the layout only, not the rows. */
export const bucketsSetting = z
  .union([z.literal("auto"), z.int().min(1).max(4096)])
  .default("auto")
  .describe(
    "Number of buckets of users that interactions, timeline and samples are split into when the source is read, with a task each. " +
      "auto: one per 5 million interactions.",
  );
