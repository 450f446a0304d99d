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
    "How rows are split and the model is chosen. leakfree: global time cuts, chosen on valid. paper: global 80/20, fixed epochs. " +
      "reference: the paper's public code, chosen on test.",
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
      .describe("Events of history stored with each CTR row, at most."),
    testShare: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.2)
      .describe("Share of all interactions, the latest, that are test rows (leakfree, paper)."),
    validShare: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.1)
      .describe("Share of all interactions just before them that are validation rows (leakfree)."),
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
        "Time left out between train and what follows, and between valid and test, such as 7d: rows in it are not scored (leakfree, paper).",
      ),
  })
  .refine((samples) => samples.testShare + samples.validShare < 1, {
    error: "samples.testShare and samples.validShare together must stay below 1",
  })
  .describe("The CTR rows.");
export type SamplesSettings = z.infer<typeof samplesSettings>;

/** Length of the gap, microseconds; 0 without one. */
export function gapUs({ gap = "0s" }: Pick<SamplesSettings, "gap">): bigint {
  const [, count = "", unit = ""] = /^(\d+)([smhd])$/.exec(gap) ?? [];
  return (
    BigInt(count) * BigInt(Object.entries(gapUnitsUs).find(([name]) => name === unit)?.[1] ?? 0)
  );
}

/** A date or time of the settings, microseconds since 1970. */
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
        "Events in a context: a user's first ones (which then serve neither training nor test), and what an item's liker and disliker rated before.",
      ),
    seed: z
      .int()
      .min(0)
      .default(1)
      .describe("Seed of the choice of each item's liker and disliker."),
    partRows: z
      .int()
      .min(1)
      .default(512)
      .describe("Contexts a part: the unit of work and of resumption of knowledge and encoding."),
  })
  .describe("What the actor reads.");
export type ContextsSettings = z.infer<typeof contextsSettings>;

/** `runtime.buckets` of a pipeline file: layout alone, the rows are the same. */
export const bucketsSetting = z
  .union([z.literal("auto"), z.int().min(1).max(4096)])
  .default("auto")
  .describe(
    "Buckets of users that interactions, timeline and samples are kept in when the source is read, each a task of its own. " +
      "auto: one for every 5 million interactions.",
  );
