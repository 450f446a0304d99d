/** @file Settings that sources share. */
import { z } from "zod";

/** `dataset.positiveAbove` of sources whose ratings are stars from 0.5 to 5. */
export const positiveAbove = z
  .number()
  .default(3)
  .describe("A rating above this is label 1 (liked), any other is label 0; in stars.");

/** `dataset.shortUsers` of every source. */
export const shortUsers = z
  .enum(["error", "drop"])
  .default("error")
  .describe(
    "What to do with users who have too few events for the protocol: stop with an error, or drop and count them.",
  );
