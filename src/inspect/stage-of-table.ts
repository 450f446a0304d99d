import { FlowError } from "../base/errors.ts";
import { stageOfTable, tablesByStage } from "../tables/schemas/index.ts";

/** Tables in the order in which a run makes them. */
export function inStageOrder(tables: readonly string[]): readonly string[] {
  const order = Object.values(tablesByStage).flatMap((made) => made.map(({ name }) => name));
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
