import { toJson } from "../base/json.ts";
import { defineStage, type StageDef } from "../flow/stage.ts";
import { tiersTables } from "../tables/schemas/knowledge.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import type { KnowledgeSettings } from "./settings.ts";

/** Tells the users who are asked about from those whose vectors are approximated. */
export function tiersStage(tiers: NonNullable<KnowledgeSettings["tiers"]>): StageDef {
  return defineStage({
    name: "tiers",
    module: "knowledge/tiers-task",
    export: "makeTiers",
    config: toJson({ tiers }),
    inputs: ["timeline", "user_contexts"],
    outputs: tableNames(tiersTables),
  });
}
