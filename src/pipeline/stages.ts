import { auditsAfter } from "../dataset/audits.ts";
import { fingerprint } from "../dataset/fingerprint.ts";
import { toJson } from "../flow/json.ts";
import { singleTask, taskPerPart, type Catalog, type StageDef } from "../flow/stage.ts";
import { constructIdentity } from "../knowledge/construct/settings.ts";
import { asksModels, sideIdentity, type Subject } from "../knowledge/settings.ts";
import { trainInputs, trainStageConfig, trainTasks } from "../train/settings.ts";
import { variantsOf } from "../train/variants.ts";
import type { PipelineSettings } from "./settings.ts";

/** The stages as the command line names them, in order. `report` needs no tables of its own and is made last. */
export const stageNames = [
  "ingest",
  "samples",
  "contexts",
  "construct",
  "knowledge",
  "encode",
  "train",
  "report",
] as const;
export type StageName = (typeof stageNames)[number];

/** A dataflow stage and the command line's stage it belongs to. */
export interface PipelineStage {
  readonly group: StageName;
  readonly def: StageDef;
}

type StageParts = Pick<StageDef, "module" | "export" | "config" | "inputs" | "outputs"> &
  Partial<Pick<StageDef, "name" | "version" | "runtime" | "plan" | "threads">>;

/** The stages of a run in order. Each one's configuration holds just the settings that reach it. */
export async function stagesOf(settings: PipelineSettings): Promise<readonly PipelineStage[]> {
  const { dataset, protocol, samples, contexts, knowledge, encode, train, compare } = settings;
  const { positiveAbove, shortUsers } = dataset;
  const variants = variantsOf(train.variants);
  const inputsOf = (name: string): readonly string[] =>
    variants
      .filter((variant) => variant.name === name)
      .flatMap((variant) => trainInputs(variant, train));
  const stages = [
    stage("ingest", {
      module: "dataset/ingest-task",
      export: "ingest",
      config: { dataset, source: await fingerprint(dataset) },
      inputs: [],
      outputs: ["interactions", "items", "users"],
    }),
    stage("samples", {
      module: "dataset/samples-task",
      export: "makeSamples",
      config: { protocol, samples, contextRows: contexts.history, shortUsers },
      inputs: ["interactions"],
      outputs: ["timeline", "samples"],
    }),
    auditStage("samples", protocol, ["interactions", "samples"]),
    stage("contexts", {
      module: "dataset/contexts-task",
      export: "makeContexts",
      config: { contexts },
      inputs: ["items", "timeline"],
      outputs: ["user_contexts", "item_contexts"],
    }),
    auditStage("contexts", protocol, ["interactions", "samples", "user_contexts", "item_contexts"]),
    ...constructStages(settings),
    ...(knowledge.tiers === undefined ? [] : [tiersStage(knowledge.tiers)]),
    stage("knowledge", {
      version: "2",
      module: "knowledge/knowledge-task",
      export: "produceKnowledge",
      config: { positiveAbove },
      runtime: toJson({ knowledge, positiveAbove }),
      inputs: ["user_contexts", "item_contexts", "items", ...tiersOf(knowledge, "user")],
      outputs: ["user_knowledge", "item_knowledge", "requests"],
      threads: asksModels(knowledge) ? "waiting" : 1,
      plan: (inputs) =>
        bothSubjects((subject) =>
          taskPerPart(
            `${subject}_contexts`,
            pick(inputs, [`${subject}_contexts`, "items", ...tiersOf(knowledge, subject)]),
            toJson({ subject, ...sideIdentity(knowledge, subject) }),
          ),
        ),
    }),
    stage("encode", {
      version: "2",
      module: "encode/encode-task",
      export: "encode",
      config: encode,
      inputs: ["user_knowledge", "item_knowledge"],
      outputs: ["user_embeddings", "item_embeddings"],
      // The bundled model is so small that a session a core beats one session on all cores.
      threads: 1,
      plan: (inputs) =>
        bothSubjects((subject) =>
          taskPerPart(`${subject}_knowledge`, pick(inputs, [`${subject}_knowledge`]), { subject }),
        ),
    }),
    ...(knowledge.tiers === undefined ? [] : [approximateStage(knowledge.tiers, positiveAbove)]),
    stage("train", {
      version: "2",
      module: "train/train-task",
      export: "train",
      config: trainStageConfig(train, protocol),
      inputs: [...new Set(variants.flatMap((variant) => trainInputs(variant, train)))],
      outputs: ["training_log", "results", "predictions"],
      threads: 1,
      plan: (inputs) =>
        trainTasks(train).map((params) => ({
          params: toJson(params),
          inputs: pick(inputs, inputsOf(params.variant)),
        })),
    }),
    stage("train", {
      name: "compare",
      module: "train/compare-task",
      export: "compare",
      config: compare,
      inputs: ["results", "predictions"],
      outputs: ["comparisons"],
    }),
  ];
  const needsKnowledge = variants.some(({ vectors }) => vectors?.source.kind === "strategy");
  return stages.filter(
    ({ group }) => needsKnowledge || (group !== "knowledge" && group !== "encode"),
  );
}

function stage(group: StageName, parts: StageParts): PipelineStage {
  return {
    group,
    def: { name: group, version: "1", plan: singleTask, threads: "all", maxAttempts: 2, ...parts },
  };
}

/** The leak audits of a stage's tables; what comes after does not run when one of them fails. */
function auditStage(
  group: "samples" | "contexts",
  protocol: PipelineSettings["protocol"],
  inputs: readonly string[],
): PipelineStage {
  return stage(group, {
    name: `audit-${group}`,
    module: "dataset/audit-task",
    export: "auditTables",
    config: { protocol, audits: auditsAfter(group) },
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
      module: "knowledge/construct-targets-task",
      export: "makeTargets",
      config: { share, seed, history: contexts.history, partRows: contexts.partRows },
      inputs: ["timeline", "user_contexts", "item_contexts"],
      outputs: ["user_targets", "item_targets"],
    }),
    stage("construct", {
      module: "knowledge/construct-task",
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

type Tiers = NonNullable<PipelineSettings["knowledge"]["tiers"]>;

/** Tells the users who are asked about from those whose vectors are approximated. */
function tiersStage(tiers: Tiers): PipelineStage {
  return stage("knowledge", {
    name: "tiers",
    module: "knowledge/tiers-task",
    export: "makeTiers",
    config: toJson({ tiers }),
    inputs: ["timeline", "user_contexts"],
    outputs: ["user_tiers"],
  });
}

function approximateStage({ halfLife }: Tiers, positiveAbove: number): PipelineStage {
  return stage("encode", {
    name: "approximate",
    module: "encode/approximate-task",
    export: "approximateUsers",
    config: toJson({ halfLife, positiveAbove }),
    inputs: ["user_tiers", "user_contexts", "item_embeddings"],
    outputs: ["user_embeddings"],
  });
}

function tiersOf(
  { tiers }: PipelineSettings["knowledge"],
  subject: Subject,
): readonly "user_tiers"[] {
  return tiers !== undefined && subject === "user" ? ["user_tiers"] : [];
}

function bothSubjects<T>(plan: (subject: Subject) => readonly T[]): readonly T[] {
  return [...plan("user"), ...plan("item")];
}

function pick(tables: Catalog, names: readonly string[]): Catalog {
  return Object.fromEntries(names.map((name) => [name, tables[name] ?? []]));
}
