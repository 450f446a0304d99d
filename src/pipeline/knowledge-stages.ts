/** @file The stages of one strategy's knowledge: texts, and their vectors. */
import type { EncodeSettings } from "../encode/encoder-settings.ts";
import { encoderIdentity } from "../encode/encoders/encoder-kinds.ts";
import { namedEncoders } from "../encode/named-encoders.ts";
import { sessionThreads, splitEncodeSettings } from "../encode/settings.ts";
import { toJson } from "../base/json.ts";
import { taskPerPart } from "../flow/stage.ts";
import {
  asksModels,
  sideIdentity,
  withStrategy,
  type KnowledgeSettings,
} from "../knowledge/settings.ts";
import { type Subject } from "../base/terms.ts";
import type { StrategyVariant, VectorSource } from "../train/variants.ts";
import { bothSubjects, pick, stage, type Identify, type PipelineStage } from "./pipeline-stage.ts";
import { runtimeOf, type PipelineSettings } from "./settings.ts";

/** Vectors that the run makes of knowledge. */
type KnowledgeVectors = Extract<VectorSource, { readonly kind: "strategy" }>;

/** The name of a variant's stage: those of r4ec, the run's own knowledge, have no ending. */
export function stageFor(work: "knowledge" | "encode" | "approximate", variant: string): string {
  return variant === "r4ec" ? work : `${work}-${variant}`;
}

/** How a variant comes to its knowledge. */
export function knowledgeFor(
  knowledge: KnowledgeSettings,
  variant: StrategyVariant,
): KnowledgeSettings {
  switch (variant) {
    case "r4ec":
      return knowledge;
    case "r2ec":
      return withStrategy(knowledge, "reason");
    case "kar":
      return withStrategy(knowledge, "kar");
  }
}

/** Writes the texts of one variant. */
export function knowledgeStage(
  { knowledge: common, dataset: { positiveAbove } }: PipelineSettings,
  variant: StrategyVariant,
): PipelineStage {
  const knowledge = knowledgeFor(common, variant);
  return stage("knowledge", {
    name: stageFor("knowledge", variant),
    version: "3",
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
          toJson({ subject, variant, ...sideIdentity(knowledge, subject) }),
        ),
      ),
  });
}

/** Tells the users who are asked about from those whose vectors are approximated; none without tiers. */
export function tiersStages({ knowledge: { tiers } }: PipelineSettings): readonly PipelineStage[] {
  if (tiers === undefined) return [];
  return [
    stage("knowledge", {
      name: "tiers",
      module: "knowledge/tiers-task",
      export: "makeTiers",
      config: toJson({ tiers }),
      inputs: ["timeline", "user_contexts"],
      outputs: ["user_tiers"],
    }),
  ];
}

/** Turns the texts of a strategy into vectors, and with tiers those of the items into those of less active users. */
export async function encodeStages(
  settings: PipelineSettings,
  { name: variant, strategy, encoder }: KnowledgeVectors,
  identify: Identify,
): Promise<readonly PipelineStage[]> {
  const { knowledge, dataset, runtime } = settings;
  const { tiers, cache: answers, budget, prices } = knowledge;
  const encode = encoderOf(settings, encoder);
  const { what, how } = splitEncodeSettings(encode);
  const threads = sessionThreads(encode, runtimeOf({ runtime }).threads);
  const name = stageFor("encode", variant);
  const encoding = stage("encode", {
    name,
    version: "4",
    module: "encode/encode-task",
    export: "encode",
    config: {
      settings: what,
      encoder: await identify("encode", () => encoderIdentity(encode)),
    },
    runtime: toJson({ settings: how, spending: { answers, budget, prices } }),
    inputs: ["user_knowledge", "item_knowledge"],
    sources: [stageFor("knowledge", strategy)],
    outputs: [
      "user_embeddings",
      "item_embeddings",
      ...(threads === "waiting" ? ["requests"] : []), // who waits asks a server
    ],
    threads,
    plan: (inputs) =>
      bothSubjects((subject) =>
        taskPerPart(`${subject}_knowledge`, pick(inputs, [`${subject}_knowledge`]), {
          subject,
          variant,
        }),
      ),
  });
  if (tiers === undefined) return [encoding];
  const approximation = stage("encode", {
    name: stageFor("approximate", variant),
    version: "3",
    module: "encode/approximate-task",
    export: "approximateUsers",
    config: toJson({
      variant,
      halfLife: tiers.halfLife,
      positiveAbove: dataset.positiveAbove,
    }),
    inputs: ["user_tiers", "user_contexts", "item_embeddings"],
    sources: ["tiers", "contexts", name],
    outputs: ["user_embeddings"],
  });
  return [encoding, approximation];
}

/** The settings of the encoder with a label; of the first without one. */
export function encoderOf(
  { encode }: Pick<PipelineSettings, "encode">,
  label: string | null,
): EncodeSettings {
  const encoders = namedEncoders(encode);
  const found = encoders.find((encoder, place) =>
    label === null ? place === 0 : encoder.label === label,
  );
  if (found === undefined) throw new Error(`internal: no encoder ${label ?? ""}`);
  return found.settings;
}

function tiersOf({ tiers }: KnowledgeSettings, subject: Subject): readonly "user_tiers"[] {
  return tiers !== undefined && subject === "user" ? ["user_tiers"] : [];
}
