import type { SelectionMetric } from "../base/terms.ts";
import { defineStage, type StageDef } from "../flow/stage.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import { compareTables } from "../tables/schemas/train.ts";
import type { CompareSettings } from "./settings.ts";

/** Chooses trials and compares variants on the same test rows. */
export function compareStage(compare: CompareSettings, stopOn: SelectionMetric): StageDef {
  return defineStage({
    name: "compare",
    version: "2",
    module: "experiments/compare-task",
    export: "compare",
    config: { ...compare, stopOn },
    inputs: ["results", "predictions"],
    outputs: tableNames(compareTables),
  });
}
