import { toJson } from "../base/json.ts";
import { stageFor } from "../base/stage-names.ts";
import { defineStage, type StageDef } from "../flow/stage.ts";

export interface ApproximateOptions {
  readonly variant: string;
  /** Events after which an event weighs half; undefined: all weigh the same. */
  readonly halfLife: number | undefined;
  readonly positiveAbove: number;
}

/** Approximates the vectors of less active users by those of the items they liked. */
export function approximateStage({
  variant,
  halfLife,
  positiveAbove,
}: ApproximateOptions): StageDef {
  return defineStage({
    name: stageFor("approximate", variant),
    version: "3",
    module: "encode/approximate-task",
    export: "approximateUsers",
    config: toJson({ variant, halfLife, positiveAbove }),
    inputs: ["user_tiers", "user_contexts", "item_embeddings"],
    sources: ["tiers", "contexts", stageFor("encode", variant)],
    outputs: ["user_embeddings"],
  });
}
