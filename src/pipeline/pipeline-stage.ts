import { singleTask, type Catalog, type StageDef } from "../flow/stage.ts";
import type { Subject } from "../base/terms.ts";

/** The stages as the command line names them, in order. `report` needs no tables of its own and is made last. */
export const stageNames = [
  "ingest",
  "samples",
  "contexts",
  "construct",
  "knowledge",
  "encode",
  "train",
  "report",
] as const;
export type StageName = (typeof stageNames)[number];

/** A dataflow stage and the command line's stage it belongs to. */
export interface PipelineStage {
  readonly group: StageName;
  readonly def: StageDef;
}

/**
 * Gives what the files that a stage takes in from outside of the run hold, which is part of its tasks' keys; null where that is not
 * wanted, of stages that are not to be run.
 */
export type Identify = <T>(group: StageName, find: () => Promise<T>) => Promise<T | null>;

type StageParts = Pick<StageDef, "module" | "export" | "config" | "inputs" | "outputs"> &
  Partial<Pick<StageDef, "name" | "version" | "runtime" | "sources" | "plan" | "threads">>;

/** A stage with what most stages have: the name of its group, a single task, all threads, two attempts. */
export function stage(group: StageName, parts: StageParts): PipelineStage {
  return {
    group,
    def: { name: group, version: "1", plan: singleTask, threads: "all", maxAttempts: 2, ...parts },
  };
}

/** The plan for users, then that for items. */
export function bothSubjects<T>(plan: (subject: Subject) => readonly T[]): readonly T[] {
  return [...plan("user"), ...plan("item")];
}

/** Some of the tables; those that are not there have no parts. */
export function pick(tables: Catalog, names: readonly string[]): Catalog {
  return Object.fromEntries(names.map((name) => [name, tables[name] ?? []]));
}
