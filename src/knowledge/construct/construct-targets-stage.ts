import { defineStage, type StageDef } from "../../flow/stage.ts";
import { targetsTables } from "../../tables/schemas/construct.ts";
import { tableNames } from "../../tables/schemas/schema.ts";
import type { ConstructSettings } from "./settings.ts";

export interface TargetsOptions {
  readonly construct: ConstructSettings;
  /** Events of a context. */
  readonly history: number;
  readonly partRows: number;
}

/** Draws the users and items that the teacher is asked about. */
export function constructTargetsStage({ construct, history, partRows }: TargetsOptions): StageDef {
  const { share, seed } = construct;
  return defineStage({
    name: "construct-targets",
    module: "knowledge/construct/construct-targets-task",
    export: "makeTargets",
    config: { share, seed, history, partRows },
    inputs: ["timeline", "user_contexts", "item_contexts"],
    outputs: tableNames(targetsTables),
  });
}
