/** @file The stages of a run in order. Each declares itself beside its task; here they are listed and wired. */
import { auditStage } from "../dataset/audits/audit-stage.ts";
import { labelCure } from "../dataset/label-cure.ts";
import { contextsStage } from "../dataset/contexts/contexts-stage.ts";
import { ingestStage } from "../dataset/ingest/ingest-stage.ts";
import { fingerprintFiles } from "../base/files/file-fingerprint.ts";
import { noWish, type RetryWish } from "../base/retry-policy.ts";
import { sourceOf } from "../dataset/sources/registry.ts";
import { cutsStage } from "../dataset/split/cuts-stage.ts";
import { samplesStage } from "../dataset/split/samples-stage.ts";
import { statsStage } from "../dataset/stats/stats-stage.ts";
import { approximateStage } from "../encode/approximate-stage.ts";
import { encoderIdentity } from "../encode/encoders/encoder-kinds.ts";
import { encodeStage } from "../encode/encode-stage.ts";
import { importStage, type ImportedSide } from "../encode/import-stage.ts";
import { importedFiles } from "../encode/vectors/imported-files.ts";
import { compareStage } from "../experiments/compare-stage.ts";
import { slicesStage } from "../experiments/slices-stage.ts";
import type { StageDef } from "../flow/stage.ts";
import { constructStage } from "../knowledge/construct/construct-stage.ts";
import { constructTargetsStage } from "../knowledge/construct/construct-targets-stage.ts";
import { knowledgeStage } from "../knowledge/knowledge-stage.ts";
import { withStrategy, type KnowledgeSettings } from "../knowledge/settings.ts";
import { tiersStage } from "../knowledge/tiers-stage.ts";
import { trainStage } from "../train/train-stage.ts";
import type { StrategyVariant, VectorSource } from "../train/variants.ts";
import type { Subject } from "../base/terms.ts";
import type { Identify, PipelineStage, StageName } from "./pipeline-stage.ts";
import { runtimeOf, type PipelineSettings } from "./settings.ts";
import { encoderOf } from "./variants-by-encoder.ts";

/**
 * The stages of a run in order. Each one's config holds only the settings that reach it.
 *
 * @param retry - Which prompts without an answer are asked again; never part of a task's key
 */
export async function stagesOf(
  settings: PipelineSettings,
  identify: Identify = (_, find) => find(),
  retry: RetryWish = noWish,
): Promise<readonly PipelineStage[]> {
  const { dataset, protocol, contexts, knowledge, compare, runtime, resolved } = settings;
  const { samples, sources } = resolved;
  const { positiveAbove } = dataset;
  const made = sources.flatMap((source) => (source.kind === "strategy" ? source : []));
  const strategies = [...new Set(made.map(({ strategy }) => strategy))];
  const files = sources.flatMap((source) => (source.kind === "files" ? source : []));
  const source = await identify("ingest", () => sourceOf(dataset).fingerprint(dataset));
  return [
    ...inGroup("ingest", [
      ingestStage({ dataset, source, buckets: runtime.buckets, history: samples.history }),
    ]),
    ...inGroup("samples", [
      ...(protocol === "reference" ? [] : [cutsStage(protocol, samples)]),
      samplesStage({
        ...{ protocol, samples, contextRows: contexts.history },
        shortUsers: dataset.shortUsers,
        labels: labelCure(dataset),
      }),
      auditStage("samples", protocol, { labelCure: labelCure(dataset) }),
    ]),
    ...inGroup("contexts", [contextsStage(contexts), auditStage("contexts", protocol)]),
    // Vectors from files are checked before a language model is asked.
    ...inGroup("encode", await Promise.all(files.map((given) => importedStage(given, identify)))),
    ...inGroup("construct", constructStages(settings, retry)),
    ...inGroup("knowledge", [
      ...(strategies.length === 0 || knowledge.tiers === undefined
        ? []
        : [tiersStage(knowledge.tiers)]),
      ...strategies.map((variant) =>
        knowledgeStage({
          ...{ variant, positiveAbove, retry },
          knowledge: knowledgeFor(knowledge, variant),
        }),
      ),
    ]),
    ...inGroup("encode", [
      ...(
        await Promise.all(made.map((vectors) => encodeStages(settings, vectors, identify)))
      ).flat(),
    ]),
    ...inGroup("train", [
      ...(sources.some(({ kind }) => kind === "stats")
        ? [statsStage(), auditStage("stats", protocol)]
        : []),
      trainStageOf(settings),
      slicesStage(),
      compareStage(
        compare,
        settings.train.stopOn,
        resolved.variants.map(({ name }) => name),
      ),
    ]),
  ];
}

/** Stages under the command line's name for them. */
function inGroup(group: StageName, stages: readonly StageDef[]): readonly PipelineStage[] {
  return stages.map((def) => ({ group, def }));
}

/** The stage that trains the models of a pipeline. */
export function trainStageOf({ resolved, protocol, runtime }: PipelineSettings): StageDef {
  const { train, variants } = resolved;
  const { checkpointEveryS } = runtime;
  return trainStage({ train, variants, protocol, checkpointEveryS });
}

/** The teacher's stages; none without a `construct` block. */
function constructStages(
  { construct, knowledge, contexts, dataset: { positiveAbove } }: PipelineSettings,
  retry: RetryWish,
): readonly StageDef[] {
  if (construct === undefined) return [];
  const { history, partRows } = contexts;
  return [
    constructTargetsStage({ construct, history, partRows }),
    constructStage({ construct, knowledge, positiveAbove, retry }),
  ];
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

/** Vectors that the run makes of knowledge. */
type KnowledgeVectors = Extract<VectorSource, { readonly kind: "strategy" }>;

/** Turns the texts of a strategy into vectors, and with tiers those of the items into those of less active users. */
async function encodeStages(
  { encode: block, knowledge, dataset, runtime }: PipelineSettings,
  { name: variant, strategy, encoder: label }: KnowledgeVectors,
  identify: Identify,
): Promise<readonly StageDef[]> {
  const { tiers, cache: answers, budget, prices } = knowledge;
  const encode = encoderOf(block, label);
  const encoding = encodeStage({
    ...{ variant, strategy, encode },
    encoder: await identify("encode", () => encoderIdentity(encode)),
    spending: { answers, budget, prices },
    threads: runtimeOf({ runtime }).threads,
  });
  if (tiers === undefined) return [encoding];
  const { halfLife } = tiers;
  return [encoding, approximateStage({ variant, halfLife, positiveAbove: dataset.positiveAbove })];
}

/** @throws `CONFIG_INVALID` for a path that leads to no file */
async function importedStage(
  { name: variant, users, items }: Extract<VectorSource, { readonly kind: "files" }>,
  identify: Identify,
): Promise<StageDef> {
  const sides = await identify("encode", () =>
    Promise.all([importedSide("user", users, variant), importedSide("item", items, variant)]),
  );
  return importStage(variant, sides?.flat() ?? []);
}

async function importedSide(
  subject: Subject,
  path: string | undefined,
  variant: string,
): Promise<readonly ImportedSide[]> {
  if (path === undefined) return [];
  const { files, dictionary } = await importedFiles(path, { subject, variant });
  const content = await fingerprintFiles([...files, ...dictionary]);
  return [{ subject, files, dictionary, content }];
}
