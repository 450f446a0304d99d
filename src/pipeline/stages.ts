/** @file The stages of a run in order. Each declares itself beside its task; here they are listed and wired. */
import { auditStage } from "../dataset/audits/audit-stage.ts";
import { labelCure } from "../dataset/label-cure.ts";
import { contextsStage } from "../dataset/contexts/contexts-stage.ts";
import { ingestStage } from "../dataset/ingest/ingest-stage.ts";
import { fingerprintFiles } from "../base/files/file-fingerprint.ts";
import { noWish, type RetryWish } from "../base/retry-policy.ts";
import { fanOutStages } from "../dataset/ingest/fan-out/fan-out-stages.ts";
import { planIngest } from "../dataset/ingest/fan-out/plan-ingest.ts";
import { fingerprintStage } from "../dataset/ingest/fingerprint-stage.ts";
import { cutsStage } from "../dataset/split/cuts-stage.ts";
import { samplesStage, type SamplesOptions } from "../dataset/split/samples-stage.ts";
import { splitCure } from "../dataset/split/split-cure.ts";
import { statsStage } from "../dataset/stats/stats-stage.ts";
import { approximateStage } from "../encode/approximate-stage.ts";
import { encoderIdentity } from "../encode/encoders/encoder-kinds.ts";
import type { EncodeParams } from "../encode/settings.ts";
import { encodeStage } from "../encode/encode-stage.ts";
import { importStage, type ImportedSide } from "../encode/import-stage.ts";
import { importedFiles } from "../encode/vectors/imported-files.ts";
import { compareStage } from "../experiments/compare-stage.ts";
import { variantsStage } from "../experiments/variants-stage.ts";
import { slicesStage } from "../experiments/slices-stage.ts";
import type { StageDef } from "../flow/stage.ts";
import { baseHash } from "../finetune/base/base-hash.ts";
import { finetuneStage } from "../finetune/finetune-stage.ts";
import { elsewhereStage, type AwaitedAdapter } from "../finetune/elsewhere/elsewhere-stage.ts";
import { contentOf } from "../finetune/elsewhere/given-adapter.ts";
import { adaptersOf, type AdapterIdentity } from "../finetune/settings.ts";
import { constructStage } from "../knowledge/construct/construct-stage.ts";
import { constructTargetsStage } from "../knowledge/construct/construct-targets-stage.ts";
import { loadedRoles } from "../knowledge/finetuned.ts";
import { knowledgeStage } from "../knowledge/knowledge-stage.ts";
import { tiersStage } from "../knowledge/tiers-stage.ts";
import { evaluateStage } from "../knowledge/tuned/evaluate-stage.ts";
import { trainStage } from "../train/train-stage.ts";
import type { VectorSource } from "../train/variants.ts";
import { subjects, type Subject } from "../base/terms.ts";
import type { Identify, PipelineStage, StageName } from "./pipeline-stage.ts";
import { runtimeOf, type PipelineSettings } from "./settings.ts";
import { importedRun, type ImportedRun } from "./variants/imported-run.ts";
import { variantRows } from "./variants/provenance.ts";
import type { KnowledgeVectors } from "./variants/resolve-variants.ts";

/**
 * The stages of a run in order. Each one's config holds only the settings that reach it.
 *
 * @param made - Stages that are complete: they tell how the source was read, where `identify` does not look at it or the settings leave it open
 * @param retry - Which prompts without an answer are asked again; never part of a task's key
 */
export async function stagesOf(
  settings: PipelineSettings,
  identify: Identify = (_, find) => find(),
  retry: RetryWish = noWish,
  made: readonly string[] = [],
): Promise<readonly PipelineStage[]> {
  const { dataset, protocol, contexts, knowledge, compare, runtime, resolved } = settings;
  const { samples, sources, texts, vectors } = resolved;
  const { positiveAbove } = dataset;
  const files = sources.flatMap((source) => (source.kind === "files" ? source : []));
  const imports = await Promise.all(files.map((given) => imported(given, settings, identify)));
  const runs = new Map(imports.map(({ name, runs: own }) => [name, own]));
  const adapters = trainedAdapters(settings);
  const { ingestTasks, buckets } = runtime;
  // What one task has read is not read again for another cut that nobody asked for.
  const tasks = ingestTasks === "auto" && made.includes("ingest") ? 1 : ingestTasks;
  const plan = await identify("ingest", () => planIngest({ dataset, tasks, buckets }));
  const isFannedOut = plan === null ? made.includes("ingest-items") : plan.fanOut !== null;
  const fannedOut = fanOutStages({ dataset, plan, history: samples.history });
  return [
    ...inGroup("ingest", [
      ...(isFannedOut
        ? fannedOut.filter(({ name }) => plan !== null || made.includes(name))
        : [
            ingestStage({
              dataset,
              source: plan?.source ?? null,
              buckets,
              history: samples.history,
            }),
          ]),
      fingerprintStage(),
    ]),
    ...inGroup("samples", [
      ...(protocol === "reference" ? [] : [cutsStage(protocol, samples)]),
      samplesStage(samplesOptions(settings)),
      auditStage(
        "samples",
        protocol,
        { labelCure: labelCure(dataset), splitCure: splitCure(protocol, samples) },
        settings.expect,
      ),
    ]),
    ...inGroup("contexts", [contextsStage(contexts), auditStage("contexts", protocol)]),
    // Vectors from files are checked before a language model is asked.
    ...inGroup(
      "encode",
      imports.map(({ stage }) => stage),
    ),
    ...inGroup("construct", constructStages(settings, retry)),
    ...inGroup("finetune", await finetuneStages(settings, identify, retry)),
    ...inGroup("knowledge", [
      ...(texts.length === 0 || knowledge.tiers === undefined ? [] : [tiersStage(knowledge.tiers)]),
      ...texts.map(({ name: variant, knowledge: own }) =>
        knowledgeStage({ variant, positiveAbove, retry, knowledge: own, adapters }),
      ),
    ]),
    ...inGroup("encode", [
      ...(
        await Promise.all(vectors.map((made) => encodeStages(settings, made, identify, retry)))
      ).flat(),
      variantsStage(variantRows(settings, runs), protocol),
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

/** How a pipeline's interactions are split. */
export function samplesOptions({
  dataset,
  protocol,
  contexts,
  resolved: { samples },
}: PipelineSettings): SamplesOptions {
  return {
    ...{ protocol, samples, contextRows: contexts.history },
    shortUsers: dataset.shortUsers,
    labels: labelCure(dataset),
  };
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

/** The adapters that the stage finetune gives, in the order of their parts. */
function trainedAdapters({ finetune, resolved }: PipelineSettings): readonly AdapterIdentity[] {
  if (finetune === undefined) return [];
  return finetune.elsewhere === undefined ? adaptersOf(finetune) : resolved.played;
}

/** The stages that train the adapters and see what they changed; none without a `finetune` block. */
async function finetuneStages(
  settings: PipelineSettings,
  identify: Identify,
  retry: RetryWish,
): Promise<readonly StageDef[]> {
  const { finetune, runtime, resolved } = settings;
  if (finetune === undefined) return [];
  const { positiveAbove } = settings.dataset;
  const { evaluate: most } = finetune;
  const adapters = trainedAdapters(settings);
  const played = resolved.texts.find(({ knowledge }) =>
    subjects.some((subject) => loadedRoles(knowledge, subject).length > 0),
  );
  return [
    finetune.elsewhere === undefined
      ? finetuneStage({
          finetune,
          baseHash: await identify("finetune", () => baseHash(finetune.base)),
          checkpointEveryS: runtime.checkpointEveryS,
        })
      : elsewhereStage({ base: finetune.base, adapters: await awaited(settings, identify) }),
    ...(most === 0 || played === undefined
      ? []
      : [evaluateStage({ knowledge: played.knowledge, positiveAbove, most, adapters, retry })]),
  ];
}

/** What is trained elsewhere, by its content. */
function awaited(
  { resolved }: PipelineSettings,
  identify: Identify,
): Promise<readonly AwaitedAdapter[]> {
  return Promise.all(
    resolved.played.map(async ({ subject, role, given, models }): Promise<AwaitedAdapter> => {
      const adapter = { subject, role, given, model: models[0] ?? null };
      if (given === null) return { ...adapter, content: null };
      const content = await identify("finetune", () => contentOf({ ...adapter, given }));
      return { ...adapter, content };
    }),
  );
}

/** Turns the texts of a variant into vectors, and with tiers those of the items into those of less active users. */
async function encodeStages(
  { knowledge, dataset, runtime }: PipelineSettings,
  { name: variant, texts, encode }: KnowledgeVectors,
  identify: Identify,
  retry: RetryWish,
): Promise<readonly StageDef[]> {
  const { tiers, cache: answers, budget, prices } = knowledge;
  const encoding = encodeStage({
    ...{ variant, texts: texts.name, encode, retry },
    encoder: await identify("encode", () => encoderIdentity(encode)),
    spending: { answers, budget, prices },
    threads: runtimeOf({ runtime }).threads,
  });
  if (tiers === undefined) return [encoding];
  const { halfLife } = tiers;
  return [encoding, approximateStage({ variant, halfLife, positiveAbove: dataset.positiveAbove })];
}

/** The stage that imports a variant's vectors, and the runs that they are of. */
interface Imported {
  readonly name: string;
  readonly stage: StageDef;
  readonly runs: Readonly<Partial<Record<Subject, ImportedRun>>>;
}

/** @throws `CONFIG_INVALID` for a path that leads to no file, or to a run that was made otherwise */
async function imported(
  { name, users, items }: Extract<VectorSource, { readonly kind: "files" }>,
  settings: PipelineSettings,
  identify: Identify,
): Promise<Imported> {
  const found = await identify("encode", () =>
    Promise.all([
      importedSide({ subject: "user", variant: name }, users),
      importedSide({ subject: "item", variant: name }, items),
    ]),
  );
  const sides = found?.flat() ?? [];
  const runs = await Promise.all(
    sides.map(async ({ subject, run }) =>
      run === undefined
        ? []
        : [[subject, await importedRun(run, { subject, variant: name }, settings)] as const],
    ),
  );
  return { name, stage: importStage(name, sides), runs: Object.fromEntries(runs.flat()) };
}

async function importedSide(
  params: EncodeParams,
  path: string | undefined,
): Promise<readonly ImportedSide[]> {
  if (path === undefined) return [];
  const given = await importedFiles(path, params);
  const content = await fingerprintFiles([...given.files, ...given.dictionary]);
  return [{ ...given, subject: params.subject, content }];
}
