import type { StageDef } from "../flow/stage.ts";

/** The stages as the command line names them, in order. `report` needs no tables of its own and is made last. */
export const stageNames = [
  "ingest",
  "samples",
  "contexts",
  "construct",
  "finetune",
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
