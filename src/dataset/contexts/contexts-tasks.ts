import { bucketOf, bucketsOf, singleTask, type Catalog, type TaskPlan } from "../../flow/stage.ts";

/** The stage's tasks: one per bucket of users and one for the items; a single task where there are no buckets. */
export function contextsTasks(inputs: Catalog): readonly TaskPlan[] {
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
