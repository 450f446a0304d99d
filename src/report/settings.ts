import { z } from "zod";

/** Tables and figures of the paper that a run can be set beside: those of data/paper-results.json. */
export const paperNames = [
  "table2-ml-1m",
  "table2-amazon-books",
  "table4-ml-1m",
  "table4-amazon-books",
  "fig4",
  "fig5",
  "fig6",
  "fig7",
] as const;
export type PaperName = (typeof paperNames)[number];

/** `report:` of a pipeline file. */
export const reportSettings = z
  .strictObject({
    paper: z
      .enum(paperNames)
      .optional()
      .describe(
        "A table or figure of the R4ec paper that console and report end with, the paper's numbers beside this run's.",
      ),
  })
  .describe("What console and report show besides the results. Never changes a result.");
