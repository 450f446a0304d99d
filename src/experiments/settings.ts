import { z } from "zod";
import { selectionMetrics } from "../base/terms.ts";

/** How differences between trained models are tested. */
export const compareSettings = z.strictObject({
  resamples: z.int().min(0).default(500).describe("bootstrap resamples of the test users"),
  seed: z.int().min(0).max(0x7fffffff).default(1).describe("seed for the resampling"),
});

/** {@link compareSettings} as checked. */
export type CompareSettings = z.output<typeof compareSettings>;

/** Config of a compare task: {@link compareSettings}, the metric that selects trials, and the variants in the order listed. */
export const compareTaskConfig = compareSettings.extend({
  stopOn: z.enum(selectionMetrics).default("auc"),
  variants: z.array(z.string()).default([]),
});
