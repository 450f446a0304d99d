import { toJson } from "../base/json.ts";
import { importStageFor, ingestStages, stageFor } from "../base/stage-names.ts";
import type { Protocol } from "../base/terms.ts";
import { defineStage, inputsOf, type StageDef } from "../flow/stage.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import { trainTables } from "../tables/schemas/train.ts";
import { modelPaths } from "./loop/model-folder.ts";
import type { TrainSettings } from "./settings.ts";
import { trainInputs, trainParams, trainStageConfig, trainTasks } from "./train-tasks.ts";
import type { Variant, VectorSource } from "./variants.ts";

export interface TrainOptions {
  readonly train: TrainSettings;
  /** Those of `train.variants`, resolved. */
  readonly variants: readonly Variant[];
  readonly protocol: Protocol;
  readonly checkpointEveryS: number;
}

/** Trains all trials; a task per model. */
export function trainStage(options: TrainOptions): StageDef {
  const { train, variants, protocol, checkpointEveryS } = options;
  const models = trainTasks(train, variants, protocol).map(({ variant, params }) => ({
    params: toJson(params),
    inputs: trainInputs(variant, train, params),
    sources: sourcesOf(variant),
  }));
  return defineStage({
    name: "train",
    version: "4",
    module: "train/train-task",
    export: "train",
    config: trainStageConfig(train, protocol),
    runtime: toJson({ checkpointEveryS }),
    inputs: [...new Set(models.flatMap(({ inputs }) => inputs))],
    outputs: tableNames(trainTables),
    threads: 1,
    artifacts: ({ key, params }) => modelPaths(trainParams.parse(params), key),
    plan: (catalog) =>
      models.map(({ params, ...reads }) => ({ params, inputs: inputsOf(reads, catalog) })),
  });
}

/** The stages whose parts a model of the variant reads. */
function sourcesOf({ vectors }: Variant): readonly string[] {
  return [...ingestStages, "samples", ...(vectors === null ? [] : stagesWriting(vectors.source))];
}

function stagesWriting(source: VectorSource): readonly string[] {
  switch (source.kind) {
    case "knowledge":
      return [stageFor("encode", source.name), stageFor("approximate", source.name)];
    case "stats":
      return ["stats"];
    case "files":
      return [importStageFor(source.name)];
  }
}
