import type { Json } from "../base/json.ts";
import type { RetryPolicy } from "../base/retry-policy.ts";
import type { FileRef, TaskSpec } from "./task.ts";

/** The committed parts of each table of a run: table name to parts, in part order. */
export type Catalog = Readonly<Record<string, readonly FileRef[]>>;

/** A planned task: its parameters and the parts it reads. */
export interface TaskPlan {
  readonly params: Json;
  readonly inputs: Catalog;
}

/** A step of the dataflow: reads tables and writes tables. Nothing else passes between stages. */
export interface StageDef {
  readonly name: string;
  /** Raise it when the code gives another output for equal input: old results are then not reused. */
  readonly version: string;
  readonly module: string;
  readonly export: string;
  readonly config: Json;
  /** Settings that change how and where the work is done but never its result; not part of a task's key. Default null. */
  readonly runtime?: Json;
  /** Tables that must be complete before the stage is planned. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Other stages that made the same tables where the work was cut otherwise: what they made is dropped when this one begins. */
  readonly replaces?: readonly string[];
  /** Where several stages write an input table: those whose parts this stage reads. Default: all earlier stages. */
  readonly sources?: readonly string[];
  /** Cuts the stage into tasks once its inputs are committed. Runs on the main thread; must be pure. */
  readonly plan: (inputs: Catalog) => readonly TaskPlan[];
  /**
   * Threads per task. "all": tasks use all cores and run one after the other. "waiting": tasks mostly wait (for model calls), so
   * several run at a time in one worker and share its `shared` resources.
   */
  readonly threads: number | "all" | "waiting";
  readonly maxAttempts: number;
  /** The files that a task leaves beside its tables, as {@link TaskSpec.artifacts}: without them it is not done. Must be pure. */
  readonly artifacts?: (task: Pick<TaskSpec, "key" | "params">) => readonly string[];
  /** Which finished tasks are done again because of errors among their rows. Default: none. */
  readonly retry?: RetryPolicy;
  /** Looks at the parts of all tasks before the stage counts as complete. Throws a FlowError when they are of no use as a whole. */
  readonly check?: (parts: readonly FileRef[]) => void;
}

type StageParts = Pick<StageDef, "name" | "module" | "export" | "config" | "inputs" | "outputs"> &
  Partial<
    Pick<
      StageDef,
      | "version"
      | "runtime"
      | "sources"
      | "replaces"
      | "plan"
      | "threads"
      | "maxAttempts"
      | "artifacts"
      | "retry"
      | "check"
    >
  >;

/** A stage with what most stages have: version 1, a single task, all threads, two attempts. */
export function defineStage(parts: StageParts): StageDef {
  return { version: "1", plan: singleTask, threads: "all", maxAttempts: 2, ...parts };
}

/** Whether an earlier stage writes any input of the reader. */
export function feeds(
  { name, outputs }: Pick<StageDef, "name" | "outputs">,
  { inputs, sources }: Pick<StageDef, "inputs" | "sources">,
): boolean {
  return (sources?.includes(name) ?? true) && inputs.some((table) => outputs.includes(table));
}

/** The parts of the catalogue that a stage reads. */
export function inputsOf(
  { inputs, sources }: Pick<StageDef, "inputs" | "sources">,
  catalog: Catalog,
): Catalog {
  return Object.fromEntries(
    inputs.map((table) => [table, partsFrom(catalog[table] ?? [], sources)]),
  );
}

/** The parts written by these stages; all parts when `stages` is undefined. */
function partsFrom(
  parts: readonly FileRef[],
  stages: readonly string[] | undefined,
): readonly FileRef[] {
  if (stages === undefined) return parts;
  return parts.filter(({ stage }) => stage !== undefined && stages.includes(stage));
}

/** A single task that reads all inputs. */
export function singleTask(inputs: Catalog): readonly TaskPlan[] {
  return [{ params: {}, inputs }];
}

/**
 * One task per bucket of users. Each reads its bucket's parts, and the whole of tables without buckets. A single task when no input
 * has buckets.
 */
export function taskPerBucket(inputs: Catalog): readonly TaskPlan[] {
  const buckets = bucketsOf(inputs);
  if (buckets.length === 0) return singleTask(inputs);
  return buckets.map((bucket) => ({ params: { bucket }, inputs: bucketOf(inputs, bucket) }));
}

/** The bucket numbers found in the tables, ascending; empty when no table has buckets. */
export function bucketsOf(tables: Catalog): readonly number[] {
  const numbers = Object.values(tables).flatMap((parts) =>
    parts.flatMap(({ bucket }) => bucket ?? []),
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** The tables with only one bucket's parts; parts outside any bucket stay. */
export function bucketOf(tables: Catalog, bucket: number): Catalog {
  return Object.fromEntries(
    Object.entries(tables).map(([table, parts]) => [
      table,
      parts.filter((part) => (part.bucket ?? bucket) === bucket),
    ]),
  );
}

/** One task per part of `table`; every task reads all other inputs whole. */
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
