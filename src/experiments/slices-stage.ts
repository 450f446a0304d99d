import { defineStage, taskPerPart, type StageDef } from "../flow/stage.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import { slicesTables } from "../tables/schemas/train.ts";

/** Measures trained models on parts of the test split; a task per model. */
export function slicesStage(): StageDef {
  return defineStage({
    name: "slices",
    module: "experiments/slices-task",
    export: "slice",
    config: {},
    inputs: ["samples", "predictions"],
    outputs: tableNames(slicesTables),
    threads: 1,
    plan: (inputs) => taskPerPart("predictions", inputs),
  });
}
