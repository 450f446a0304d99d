import { sha256 } from "../base/sha256.ts";
import { canonicalJson } from "../base/json.ts";
import type { Catalog, StageDef, TaskPlan } from "./stage.ts";
import type { TaskSpec } from "./task.ts";

/**
 * The stage's tasks with their keys. A key is the SHA-256 of stage, version, config, params and the inputs' content: unchanged work
 * is never redone, and changed work is never reused.
 */
export function taskSpecs(stage: StageDef, inputs: Catalog): readonly TaskSpec[] {
  return stage.plan(inputs).map((plan, index) => {
    const key = taskKey(stage, plan);
    const artifacts = stage.artifacts?.({ key, params: plan.params });
    return {
      stage: stage.name,
      index,
      key,
      module: stage.module,
      export: stage.export,
      config: stage.config,
      runtime: stage.runtime ?? null,
      params: plan.params,
      outputs: stage.outputs,
      ...(artifacts && { artifacts }),
      inputs: plan.inputs,
    };
  });
}

function taskKey({ name, version, config }: StageDef, { params, inputs }: TaskPlan): string {
  const content = Object.fromEntries(
    Object.entries(inputs).map(([table, parts]) => [table, parts.map((part) => part.sha256)]),
  );
  return sha256(canonicalJson({ name, version, config, params, inputs: content }));
}
