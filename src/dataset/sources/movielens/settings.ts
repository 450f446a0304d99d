import { z } from "zod";
import { positiveAbove, shortUsers } from "../source-settings.ts";

/** `dataset:` of a pipeline file that uses MovieLens. */
export const movielensSettings = z
  .strictObject({
    source: z.literal("movielens").describe("A MovieLens folder; the layout is detected."),
    path: z
      .string()
      .min(1)
      .describe(
        "Folder with ratings.dat[.gz] and movies.dat (ML-1M, ML-10M), u.data and u.item (ML-100K), or ratings.csv and movies.csv.",
      ),
    onBadRow: z
      .enum(["stop", "skip"])
      .default("stop")
      .describe(
        "What to do about invalid lines of ratings, items and users, and about ratings of items without a valid line: stop, or skip them; the table rejects lists them all. More than 1 % of a file's lines always stop a run.",
      ),
    positiveAbove,
    shortUsers,
  })
  .describe("MovieLens as GroupLens publishes it.");

/** Settings of MovieLens, defaults filled in. */
export type MovielensSettings = z.infer<typeof movielensSettings>;
