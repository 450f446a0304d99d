import { defineStage, type StageDef } from "../../flow/stage.ts";
import { tableNames } from "../../tables/schemas/schema.ts";
import { statsTables } from "../../tables/schemas/train.ts";

/** Plain statistics of users and items, as variant base+stats is given them. */
export function statsStage(): StageDef {
  return defineStage({
    name: "stats",
    module: "dataset/stats/stats-task",
    export: "makeStats",
    config: {},
    inputs: ["timeline"],
    outputs: tableNames(statsTables),
  });
}
