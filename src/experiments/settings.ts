import { z } from "zod";
import { selectionMetrics } from "../base/terms.ts";

/** How the differences between trained models are put to the test. */
export const compareSettings = z.strictObject({
  resamples: z.int().min(0).default(500).describe("bootstrap resamples of the test users"),
  seed: z.int().min(0).max(0x7fffffff).default(1).describe("seed of the resampling"),
});

/** {@link compareSettings} as checked. */
export type CompareSettings = z.output<typeof compareSettings>;

/** What a compare task needs: {@link compareSettings} and what chooses among trials. */
export const compareTaskConfig = compareSettings.extend({
  stopOn: z.enum(selectionMetrics).default("auc"),
});
