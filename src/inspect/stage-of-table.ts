import { FlowError } from "../base/errors.ts";

/** The tables of a run by the stage that makes them, as the command line names it. */
const tablesOfStage: Readonly<Record<string, readonly string[]>> = {
  ingest: [
    ...["interactions", "items", "users", "user_dictionary", "item_dictionary"],
    ...["rejects", "ingest_counts"],
  ],
  samples: ["cuts", "timeline", "samples", "audits"],
  contexts: ["user_contexts", "item_contexts"],
  construct: [
    ...["user_targets", "item_targets", "construction"],
    ...["sft_reason", "sft_refine", "sft_reflect"],
  ],
  knowledge: ["user_tiers", "user_knowledge", "item_knowledge", "requests"],
  encode: ["user_embeddings", "item_embeddings"],
  train: [
    ...["user_stats", "item_stats", "training_log", "results", "predictions"],
    ...["slices", "selections", "comparisons"],
  ],
};

/** The stage that makes a table, as `--to` takes it; undefined for a table that no run has. */
export function stageOfTable(table: string): string | undefined {
  return Object.keys(tablesOfStage).find((stage) => tablesOfStage[stage]?.includes(table));
}

/** Tables in the order in which a run makes them. */
export function inStageOrder(tables: readonly string[]): readonly string[] {
  const order = Object.values(tablesOfStage).flat();
  const place = (table: string): number =>
    order.includes(table) ? order.indexOf(table) : order.length;
  return [...tables].sort((a, b) => place(a) - place(b));
}

/**
 * @param what - Who reads the tables, for the message
 * @throws `RUN_INVALID` naming the first table that the run lacks and the stage that makes it
 */
export function requireTables(
  what: string,
  reads: readonly string[],
  present: readonly string[],
): void {
  const missing = reads.find((table) => !present.includes(table));
  if (missing === undefined) return;
  const stage = stageOfTable(missing);
  const cure =
    stage === undefined
      ? "no stage makes it"
      : `the stage ${stage} makes it; go on with r4ec run <pipeline.yaml> --to ${stage}`;
  throw new FlowError(
    "RUN_INVALID",
    `${what} reads the table ${missing}, which this run does not have: ${cure}`,
  );
}
