import { z } from "zod";
import { cleaningSettings, filePaths, missingItems } from "../files/settings.ts";

/** `dataset:` of a pipeline file that uses Amazon reviews. */
export const amazonSettings = z
  .strictObject({
    source: z
      .literal("amazon")
      .describe("Amazon reviews as published in 2014, 2018 or 2023; the edition is detected."),
    reviews: filePaths.describe(
      "Files of one category: Books_5.json.gz (2014, 2018), Books.jsonl.gz or Books.csv.gz (2023).",
    ),
    metadata: filePaths
      .optional()
      .describe(
        "The category's items: meta_Books.json.gz (2014, 2018) or meta_Books.jsonl.gz (2023). Gives titles and the attributes brand and category.",
      ),
    missing: missingItems,
    positiveAbove: z
      .number()
      .default(4)
      .describe("A rating above this is label 1 (liked), any other is label 0; in stars."),
    ...cleaningSettings,
  })
  .describe("Reviews of one Amazon category.");

/** Settings of Amazon reviews, defaults filled in. */
export type AmazonSettings = z.infer<typeof amazonSettings>;
