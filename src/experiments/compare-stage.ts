import type { SelectionMetric } from "../base/terms.ts";
import { defineStage, type StageDef } from "../flow/stage.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import { compareTables } from "../tables/schemas/train.ts";
import type { CompareSettings } from "./settings.ts";

/**
 * Chooses trials and compares variants on the same test rows.
 *
 * @param variants - Names in the order of the pipeline file: of two of the same role, the later one is compared with the earlier one
 */
export function compareStage(
  compare: CompareSettings,
  stopOn: SelectionMetric,
  variants: readonly string[],
): StageDef {
  return defineStage({
    name: "compare",
    version: "3",
    module: "experiments/compare-task",
    export: "compare",
    config: { ...compare, stopOn, variants },
    inputs: ["samples", "results", "predictions"],
    outputs: tableNames(compareTables),
  });
}
