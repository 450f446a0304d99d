/** @file The numbers of the paper: data/paper-results.json. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const dataName = z.enum(["ml-1m", "amazon-books"]);

const row = z.strictObject({
  backbone: z.string(),
  /** `base`, a method (kar, r2ec, r4ec) or an encoder. */
  row: z.string(),
  /** The language model that the paper used. */
  llm: z.string().optional(),
  auc: z.number(),
  /** Of AUC against Base, percent, as printed. */
  aucImprovement: z.number().optional(),
  /** Nats. */
  logloss: z.number(),
  /** Of LogLoss against Base, percent, as printed. */
  loglossReduction: z.number().optional(),
});

const table = z.strictObject({
  source: z.string(),
  about: z.string(),
  data: dataName,
  /** What tells the rows of a backbone apart. */
  by: z.enum(["method", "encoder"]),
  rows: z.array(row),
});

const figure = z.strictObject({
  source: z.string(),
  about: z.string(),
  /** What the horizontal axis is. */
  by: z.enum(["reflector", "actor", "strategy", "rounds"]),
  /** The paper's data sets, backbones and models. */
  where: z.string(),
  statements: z.array(z.string()),
});

const paperResults = z.strictObject({
  paper: z.string(),
  about: z.string(),
  data: z.record(
    dataName,
    z.strictObject({ label: z.string(), users: z.int(), items: z.int(), source: z.string() }),
  ),
  tables: z.record(z.string(), table),
  /** Printed numbers that contradict others of the same table. */
  misprints: z.array(
    z.strictObject({
      ...{ table: z.string(), backbone: z.string(), row: z.string() },
      ...{ field: z.string(), about: z.string() },
    }),
  ),
  figures: z.record(z.string(), figure),
});

export type PaperResults = z.infer<typeof paperResults>;
export type PaperTable = z.infer<typeof table>;
export type PaperTableRow = z.infer<typeof row>;
export type PaperFigureText = z.infer<typeof figure>;

/** Reads the numbers that ship with r4ec. */
export function readPaperResults(): PaperResults {
  const file = new URL("../../../data/paper-results.json", import.meta.url);
  return paperResults.parse(JSON.parse(readFileSync(file, "utf8")));
}
