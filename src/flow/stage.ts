import type { Json } from "../base/json.ts";
import type { FileRef } from "./task.ts";

/** The committed parts of every table a run has so far: table name to parts, in part order. */
export type Catalog = Readonly<Record<string, readonly FileRef[]>>;

/** One task to be: what tells it apart and what it reads. */
export interface TaskPlan {
  readonly params: Json;
  readonly inputs: Catalog;
}

/** A step of the dataflow: reads tables, writes tables, and nothing else passes between stages. */
export interface StageDef {
  readonly name: string;
  /** Raised when the code's output changes for equal input: old results are then not reused. */
  readonly version: string;
  readonly module: string;
  readonly export: string;
  readonly config: Json;
  /** Settings that change how and where the work is done, never its result: not part of a task's key. Default null. */
  readonly runtime?: Json;
  /** Tables that must be complete before this stage is planned. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Stages whose parts of the inputs it is given, where several write a table. Default: all before it. */
  readonly sources?: readonly string[];
  /** Cuts the stage into tasks once its inputs are committed. Runs in the driver; must be pure. */
  readonly plan: (inputs: Catalog) => readonly TaskPlan[];
  /**
   * `threads` a task uses: "all" makes tasks run one after the other. "waiting" is for tasks that mostly wait for others (model
   * calls): several at a time in one worker, where they share what they hold.
   */
  readonly threads: number | "all" | "waiting";
  readonly maxAttempts: number;
}

type StageParts = Pick<StageDef, "name" | "module" | "export" | "config" | "inputs" | "outputs"> &
  Partial<Pick<StageDef, "version" | "runtime" | "sources" | "plan" | "threads" | "maxAttempts">>;

/** A stage with what most stages have: version 1, a single task, all threads, two attempts. */
export function defineStage(parts: StageParts): StageDef {
  return { version: "1", plan: singleTask, threads: "all", maxAttempts: 2, ...parts };
}

/** Whether a stage before it gives the reader any of its inputs. */
export function feeds(
  { name, outputs }: Pick<StageDef, "name" | "outputs">,
  { inputs, sources }: Pick<StageDef, "inputs" | "sources">,
): boolean {
  return (sources?.includes(name) ?? true) && inputs.some((table) => outputs.includes(table));
}

/** The parts that a stage is given of what there is. */
export function inputsOf(
  { inputs, sources }: Pick<StageDef, "inputs" | "sources">,
  catalog: Catalog,
): Catalog {
  return Object.fromEntries(
    inputs.map((table) => [table, partsFrom(catalog[table] ?? [], sources)]),
  );
}

/** The parts that any of these stages wrote; all without `stages`. */
function partsFrom(
  parts: readonly FileRef[],
  stages: readonly string[] | undefined,
): readonly FileRef[] {
  if (stages === undefined) return parts;
  return parts.filter(({ stage }) => stage !== undefined && stages.includes(stage));
}

/** A stage of a single task that reads all of its inputs. */
export function singleTask(inputs: Catalog): readonly TaskPlan[] {
  return [{ params: {}, inputs }];
}

/**
 * One task for each bucket of users that any input is cut into: it is given that bucket's parts, and whole tables where there are no
 * buckets. A single task where nothing is cut.
 */
export function taskPerBucket(inputs: Catalog): readonly TaskPlan[] {
  const buckets = bucketsOf(inputs);
  if (buckets.length === 0) return singleTask(inputs);
  return buckets.map((bucket) => ({ params: { bucket }, inputs: bucketOf(inputs, bucket) }));
}

/** The buckets of users that any of the tables is cut into, ascending; none where nothing is cut. */
export function bucketsOf(tables: Catalog): readonly number[] {
  const numbers = Object.values(tables).flatMap((parts) =>
    parts.flatMap(({ bucket }) => bucket ?? []),
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** The tables with one bucket's parts alone; parts that belong to no bucket stay. */
export function bucketOf(tables: Catalog, bucket: number): Catalog {
  return Object.fromEntries(
    Object.entries(tables).map(([table, parts]) => [
      table,
      parts.filter((part) => (part.bucket ?? bucket) === bucket),
    ]),
  );
}

/** One task for each part of `table`; every other input is given whole to each task. */
export function taskPerPart(
  table: string,
  inputs: Catalog,
  params: Json = {},
): readonly TaskPlan[] {
  const parts = inputs[table] ?? [];
  return parts.map((part) => ({ params, inputs: { ...inputs, [table]: [part] } }));
}

/** Some of the tables; those that are not there have no parts. */
export function pickTables(tables: Catalog, names: readonly string[]): Catalog {
  return Object.fromEntries(names.map((name) => [name, tables[name] ?? []]));
}
