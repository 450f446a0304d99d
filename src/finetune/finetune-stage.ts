import { toJson, type Json } from "../base/json.ts";
import { defineStage, pickTables, type StageDef } from "../flow/stage.ts";
import { finetuneTables } from "../tables/schemas/finetune.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import { adapterPaths } from "./adapter/adapter-folder.ts";
import { finetuneParams } from "./finetune-params.ts";
import { tablesTaught } from "./lesson-tables.ts";
import { adaptersOf, trainingIdentity, type FinetuneSettings } from "./settings.ts";

export interface FinetuneOptions {
  readonly finetune: FinetuneSettings;
  /** Hash of the base model's content; null when the stage will not run. */
  readonly baseHash: string | null;
  readonly checkpointEveryS: number;
}

/** Trains the adapters of actor and reflector; a task for each, which writes one part of `adapters`. */
export function finetuneStage({ finetune, baseHash, checkpointEveryS }: FinetuneOptions): StageDef {
  const { base, maxLong, reasonOnly } = finetune;
  const adapters = adaptersOf(finetune).map(({ subject, role }) => ({
    params: toJson({ subject, role }),
    reads: tablesTaught(role, reasonOnly),
  }));
  return defineStage({
    name: "finetune",
    module: "finetune/finetune-task",
    export: "finetune",
    config: { training: trainingIdentity(finetune), base: baseHash } satisfies Json,
    runtime: { base, maxLong, checkpointEveryS },
    inputs: [...new Set(adapters.flatMap(({ reads }) => reads))],
    outputs: tableNames(finetuneTables),
    artifacts: ({ key, params }) => adapterPaths({ ...finetuneParams.parse(params), taskKey: key }),
    plan: (inputs) =>
      adapters.map(({ params, reads }) => ({ params, inputs: pickTables(inputs, reads) })),
  });
}
