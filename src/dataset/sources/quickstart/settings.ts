import { z } from "zod";
import { positiveAbove, shortUsers } from "../source-settings.ts";

/** `dataset:` of a pipeline file that uses the film catalogue with simulated viewers. */
export const quickstartSettings = z
  .strictObject({
    source: z
      .literal("quickstart")
      .describe("The film catalogue that ships with r4ec, rated by simulated viewers."),
    viewers: z
      .int()
      .min(1)
      .max(50_000)
      .default(1200)
      .describe("Number of simulated viewers; each gives 25 to 244 ratings, 80 on average."),
    seed: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .default(1)
      .describe("Seed of the simulation; the same seed gives the same ratings on every machine."),
    positiveAbove,
    shortUsers,
  })
  .describe(
    "Real films, simulated viewers: runs offline and shows that the machinery works, not that the method does.",
  );

/** Settings of the quickstart source, defaults filled in. */
export type QuickstartSettings = z.infer<typeof quickstartSettings>;
