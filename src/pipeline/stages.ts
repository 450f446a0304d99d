import { auditsAfter, type AuditedStage } from "../dataset/audits/audits.ts";
import { contextsTasks } from "../dataset/contexts/contexts-tasks.ts";
import { fingerprint } from "../dataset/sources/fingerprint.ts";
import { toJson } from "../base/json.ts";
import { inputsOf, taskPerBucket, taskPerPart } from "../flow/stage.ts";
import { constructIdentity } from "../knowledge/construct/settings.ts";
import type { TrainSettings } from "../train/settings.ts";
import { trainInputs, trainStageConfig, trainTasks } from "../train/train-tasks.ts";
import { variantsOf, vectorSources, type Variant, type VectorSource } from "../train/variants.ts";
import { importStage } from "./import-stage.ts";
import { encodeStages, knowledgeStage, stageFor, tiersStages } from "./knowledge-stages.ts";
import {
  bothSubjects,
  pick,
  stage,
  type Identify,
  type PipelineStage,
  type StageName,
} from "./pipeline-stage.ts";
import type { PipelineSettings } from "./settings.ts";
import { withEncoders } from "./with-encoders.ts";

/** The stages of a run in order. Each one's configuration holds just the settings that reach it. */
export async function stagesOf(
  given: PipelineSettings,
  identify: Identify = (_, find) => find(),
): Promise<readonly PipelineStage[]> {
  const settings = withEncoders(given);
  const { dataset, protocol, contexts, compare } = settings;
  const { shortUsers } = dataset;
  const variants = variantsOf(settings.train.variants);
  const { samples } = withLongHistory(settings, variants);
  const sources = vectorSources(variants);
  const made = sources.flatMap((source) => (source.kind === "strategy" ? source : []));
  const strategies = [...new Set(made.map(({ strategy }) => strategy))];
  const files = sources.flatMap((source) => (source.kind === "files" ? source : []));
  return [
    stage("ingest", {
      module: "dataset/ingest/ingest-task",
      export: "ingest",
      runtime: toJson({ buckets: settings.runtime.buckets, history: samples.history }),
      config: toJson({ dataset, source: await identify("ingest", () => fingerprint(dataset)) }),
      inputs: [],
      outputs: [
        ...["interactions", "items", "users", "user_dictionary", "item_dictionary"],
        ...["rejects", "ingest_counts"],
      ],
    }),
    ...(protocol === "reference" ? [] : [cutsStage(protocol, samples)]),
    stage("samples", {
      module: "dataset/split/samples-task",
      export: "makeSamples",
      config: { protocol, samples: toJson(samples), contextRows: contexts.history, shortUsers },
      inputs: ["interactions", ...(protocol === "reference" ? [] : ["cuts"])],
      outputs: ["timeline", "samples"],
      plan: taskPerBucket,
    }),
    auditStage("samples", "samples", protocol, ["interactions", "samples"]),
    stage("contexts", {
      module: "dataset/contexts/contexts-task",
      export: "makeContexts",
      config: { contexts },
      inputs: ["items", "timeline"],
      outputs: ["user_contexts", "item_contexts"],
      plan: contextsTasks,
    }),
    auditStage("contexts", "contexts", protocol, [
      "interactions",
      "samples",
      "user_contexts",
      "item_contexts",
    ]),
    ...constructStages(settings),
    ...(strategies.length === 0 ? [] : tiersStages(settings)),
    ...strategies.map((variant) => knowledgeStage(settings, variant)),
    ...(await Promise.all(made.map((source) => encodeStages(settings, source, identify)))).flat(),
    ...(await Promise.all(files.map((given) => importStage(given, identify)))),
    ...(sources.some(({ kind }) => kind === "stats") ? statsStages(protocol) : []),
    trainStage(settings),
    stage("train", {
      name: "slices",
      module: "experiments/slices-task",
      export: "slice",
      config: {},
      inputs: ["samples", "predictions"],
      outputs: ["slices"],
      threads: 1,
      plan: (inputs) => taskPerPart("predictions", inputs),
    }),
    stage("train", {
      name: "compare",
      module: "experiments/compare-task",
      export: "compare",
      version: "2",
      config: { ...compare, stopOn: settings.train.stopOn },
      inputs: ["results", "predictions"],
      outputs: ["selections", "comparisons"],
    }),
  ];
}

/** Finds where all interactions are cut in time; what it is configured with is no more than that depends on. */
function cutsStage(
  protocol: PipelineSettings["protocol"],
  samples: PipelineSettings["samples"],
): PipelineStage {
  const { testShare, validShare, validFrom, testFrom, gap } = samples;
  return stage("samples", {
    name: "cuts",
    module: "dataset/split/cuts-task",
    export: "makeCuts",
    config: toJson({ protocol, samples: { testShare, validShare, validFrom, testFrom, gap } }),
    inputs: ["interactions"],
    outputs: ["cuts"],
  });
}

/** Trains the grid: a task a model. */
export function trainStage(given: PipelineSettings): PipelineStage {
  const settings = withEncoders(given);
  const variants = variantsOf(settings.train.variants);
  const { train } = withLongHistory(settings, variants);
  return stage("train", {
    version: "3",
    module: "train/train-task",
    export: "train",
    config: trainStageConfig(train, settings.protocol),
    runtime: toJson({ checkpointEveryS: settings.runtime.checkpointEveryS }),
    inputs: [
      ...new Set(
        variants.flatMap((variant) =>
          trainTasks(train).flatMap((params) => trainInputs(variant, train, params)),
        ),
      ),
    ],
    outputs: ["training_log", "results", "predictions"],
    threads: 1,
    plan: (inputs) =>
      trainTasks(train).flatMap((params) =>
        variants
          .filter(({ name }) => name === params.variant)
          .map((variant) => ({
            params: toJson(params),
            inputs: inputsOf(
              { inputs: trainInputs(variant, train, params), sources: sourcesOf(variant) },
              inputs,
            ),
          })),
      ),
  });
}

/**
 * Samples that hold as much history as variant base+history sees, where it is asked for; all other variants then say outright that
 * they see no more than `samples.history`.
 */
function withLongHistory(
  { samples, train }: PipelineSettings,
  variants: readonly Variant[],
): Pick<PipelineSettings, "samples" | "train"> {
  if (!variants.some(({ hasLongHistory }) => hasLongHistory)) return { samples, train };
  const { history } = samples;
  const seen = (events: TrainSettings["history"]): number =>
    events === "all" ? history : Math.min(events, history);
  const tried = train.grid.history;
  return {
    samples: { ...samples, history: Math.max(history, train.longHistory) },
    train: {
      ...train,
      history: seen(train.history),
      grid: { ...train.grid, ...(tried && { history: tried.map(seen) }) },
    },
  };
}

/** The stages whose parts a model of the variant reads. */
function sourcesOf({ vectors }: Variant): readonly string[] {
  return ["ingest", "samples", ...(vectors === null ? [] : stagesWriting(vectors.source))];
}

function stagesWriting(source: VectorSource): readonly string[] {
  switch (source.kind) {
    case "strategy":
      return [stageFor("encode", source.name), stageFor("approximate", source.name)];
    case "stats":
      return ["stats"];
    case "files":
      return [`import-${source.name}`];
  }
}

/** What variant base+stats is given, and its audits. */
function statsStages(protocol: PipelineSettings["protocol"]): readonly PipelineStage[] {
  return [
    stage("train", {
      name: "stats",
      module: "dataset/stats/stats-task",
      export: "makeStats",
      config: {},
      inputs: ["timeline"],
      outputs: ["user_stats", "item_stats"],
    }),
    auditStage("stats", "train", protocol, [
      ...["interactions", "samples", "user_contexts"],
      ...["user_stats", "item_stats"],
    ]),
  ];
}

/** The leak audits of a stage's tables; what comes after does not run when one of them fails. */
function auditStage(
  audited: AuditedStage,
  group: StageName,
  protocol: PipelineSettings["protocol"],
  inputs: readonly string[],
): PipelineStage {
  return stage(group, {
    name: `audit-${audited}`,
    module: "dataset/audits/audit-task",
    export: "auditTables",
    config: { protocol, audits: auditsAfter(audited) },
    inputs,
    outputs: ["audits"],
  });
}

/** The teacher's stages; none without a `construct` block. */
function constructStages({
  construct,
  knowledge,
  contexts,
  dataset: { positiveAbove },
}: PipelineSettings): readonly PipelineStage[] {
  if (construct === undefined) return [];
  const { itemNoun, personNoun, attributes } = knowledge;
  const { share, seed } = construct;
  return [
    stage("construct", {
      name: "construct-targets",
      module: "knowledge/construct/construct-targets-task",
      export: "makeTargets",
      config: { share, seed, history: contexts.history, partRows: contexts.partRows },
      inputs: ["timeline", "user_contexts", "item_contexts"],
      outputs: ["user_targets", "item_targets"],
    }),
    stage("construct", {
      version: "2",
      module: "knowledge/construct/construct-task",
      export: "construct",
      config: toJson({
        positiveAbove,
        itemNoun,
        personNoun,
        attributes,
        ...constructIdentity(construct),
      }),
      runtime: toJson({ knowledge, construct, positiveAbove }),
      inputs: ["user_targets", "item_targets", "user_contexts", "item_contexts", "items"],
      outputs: ["construction", "sft_reason", "sft_refine", "sft_reflect", "requests"],
      threads: "waiting",
      plan: (inputs) =>
        bothSubjects((subject) =>
          taskPerPart(
            `${subject}_targets`,
            pick(inputs, [`${subject}_targets`, `${subject}_contexts`, "items"]),
            { subject },
          ),
        ),
    }),
  ];
}
