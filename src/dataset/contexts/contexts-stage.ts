import {
  bucketOf,
  bucketsOf,
  defineStage,
  singleTask,
  type Catalog,
  type StageDef,
  type TaskPlan,
} from "../../flow/stage.ts";
import { contextsTables } from "../../tables/schemas/contexts.ts";
import { tableNames } from "../../tables/schemas/schema.ts";
import type { ContextsSettings } from "../settings.ts";

/** What is known of each user and item before the first scored row. */
export function contextsStage(contexts: ContextsSettings): StageDef {
  return defineStage({
    name: "contexts",
    module: "dataset/contexts/contexts-task",
    export: "makeContexts",
    config: { contexts },
    inputs: ["items", "timeline"],
    outputs: tableNames(contextsTables),
    plan: contextsTasks,
  });
}

/** The stage's tasks: one for each bucket of users and one for the items; a single task where there are no buckets. */
function contextsTasks(inputs: Catalog): readonly TaskPlan[] {
  const buckets = bucketsOf(inputs);
  if (buckets.length === 0) return singleTask(inputs);
  return [
    ...buckets.map((bucket) => ({
      params: { subject: "user", bucket },
      inputs: bucketOf({ timeline: inputs["timeline"] ?? [] }, bucket),
    })),
    { params: { subject: "item" }, inputs },
  ];
}
