/** @file The schema of every table, by the stage that writes it. Checked whenever a part is written. */
import { constructTables, targetsTables } from "./construct.ts";
import { contextsTables } from "./contexts.ts";
import { embeddingsTables, textsTables, vectorsTables } from "./encode.ts";
import { fanOutTables } from "./fan-out.ts";
import { finetuneEval, finetuneTables } from "./finetune.ts";
import { fingerprintTables, ingestTables } from "./ingest.ts";
import { knowledgeTables, tiersTables } from "./knowledge.ts";
import { auditsTables, cutsTables, samplesTables } from "./samples.ts";
import type { TableSchema } from "./schema.ts";
import { variantsTables } from "./variants.ts";
import { compareTables, slicesTables, statsTables, trainTables } from "./train.ts";

export type { Column, TableSchema } from "./schema.ts";

/** The tables of a run by the stage that makes them, as the command line names it; stages and tables in the order they are made. */
export const tablesByStage: Readonly<Record<string, readonly TableSchema[]>> = {
  ingest: [...ingestTables, ...fingerprintTables, ...Object.values(fanOutTables)],
  samples: [...cutsTables, ...samplesTables, ...auditsTables],
  contexts: contextsTables,
  construct: [...targetsTables, ...constructTables],
  finetune: [...finetuneTables, finetuneEval],
  knowledge: [...tiersTables, ...knowledgeTables],
  encode: [...embeddingsTables, ...variantsTables],
  train: [...statsTables, ...trainTables, ...slicesTables, ...compareTables],
};

/** Schema by table name. */
export const tableSchemas: ReadonlyMap<string, TableSchema> = new Map(
  [...Object.values(tablesByStage).flat(), ...textsTables, ...vectorsTables].map((schema) => [
    schema.name,
    schema,
  ]),
);

/** The stage that makes a table, as `--to` takes it; undefined for a table that no run has. */
export function stageOfTable(table: string): string | undefined {
  return Object.keys(tablesByStage).find((stage) =>
    tablesByStage[stage]?.some(({ name }) => name === table),
  );
}
