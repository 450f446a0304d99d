import { FlowError } from "../../base/errors.ts";
import { areThere } from "../../flow/artifacts.ts";
import { fileCommitStore, type TaskManifest } from "../../flow/manifest.ts";
import { errorsIn, type ErrorCounts } from "../../flow/outcomes.ts";
import { feeds, inputsOf, type Catalog, type StageDef } from "../../flow/stage.ts";
import { stagesWithManifest } from "../../flow/stage-manifest.ts";
import { taskSpecs } from "../../flow/task-key.ts";
import type { FileRef, TaskSpec } from "../../flow/task.ts";
import type { EmbeddingEstimate } from "../../encode/remote/estimate-embeddings.ts";
import { finetuneParams } from "../../finetune/finetune-params.ts";
import { noLessons } from "../../finetune/lesson-tables.ts";
import type { AdapterPlan } from "../../finetune/plan-finetune.ts";
import type { TrainerName } from "../../finetune/trainer-names.ts";
import type { KnowledgeEstimate } from "../../knowledge/estimate-knowledge.ts";
import { groupBy } from "../../base/group-by.ts";
import { trainTasks } from "../../train/train-tasks.ts";
import { noWish } from "../../base/retry-policy.ts";
import { stageFor } from "../../base/stage-names.ts";
import type { PlayedAdapter } from "../elsewhere/played-adapters.ts";
import { planEncoding } from "./plan-encoding.ts";
import { fileOf } from "../run-folder.ts";
import { refuseSecrets } from "../secret-settings.ts";
import { runtimeOf, type PipelineSettings } from "../settings.ts";
import type { PipelineStage, StageName } from "../pipeline-stage.ts";
import { stagesOf } from "../stages.ts";
import { withTemporaryDatabase } from "../temporary-database.ts";
import { planJobs, type JobsPlan } from "./plan-jobs.ts";
import { memoryFaultsOfTables } from "./training-memory.ts";
import { refuseUntrainable } from "./refuse-untrainable.ts";
import { faultsOfSettings, faultsOfSplits, faultsOfTables } from "./unusable-settings.ts";

/** What a run would do with a stage. */
export interface PlannedStage {
  readonly stage: string;
  /** "partial": some of its tasks are done. */
  readonly state: "done" | "partial" | "missing";
  readonly tasksDone: number;
  /** Null while its inputs are missing, so that it cannot be cut into tasks yet. */
  readonly tasks: number | null;
  /** Rows there are already, by table. */
  readonly tables: Readonly<Record<string, number>>;
  /** Rows that hold an error instead of an answer, by kind; a run asks them again. */
  readonly errors: ErrorCounts;
}

/** The models that a run trains: one per backbone, variant, trial and seed. */
export interface PlannedTraining {
  readonly models: number;
  readonly backbones: number;
  readonly variants: number;
  /** Of the backbone and variant with the most; 1 without a grid or search. */
  readonly trials: number;
  readonly seeds: number;
}

/** What is trained elsewhere. */
export interface ElsewherePlan {
  readonly trainer: TrainerName;
  /** The model that is trained. */
  readonly base: string;
  /** `given`: the path, or the name at a server; null while it is not trained, for which a run stops. */
  readonly adapters: readonly Pick<PlayedAdapter, "subject" | "role" | "given">[];
}

export interface PipelinePlan {
  readonly name: string;
  readonly protocol: string;
  readonly stages: readonly PlannedStage[];
  readonly training: PlannedTraining;
  /** What a run would stop for before it asks a language model, in words. */
  readonly stops: readonly string[];
  /** Of all strategies. Null when no trained variant uses knowledge that the run makes; "unknown" while there are no contexts to estimate from. */
  readonly knowledge: KnowledgeEstimate | "unknown" | null;
  /** What the teacher is asked; null without one, "unknown" while there are no contexts. */
  readonly construct: KnowledgeEstimate | "unknown" | null;
  /** What the adapters left to train take; null without fine-tuning in the run, "unknown" while there is nothing to train on. */
  readonly finetune: readonly AdapterPlan[] | "unknown" | null;
  /** Null without a training elsewhere. */
  readonly elsewhere: ElsewherePlan | null;
  /** What remote encoders are asked; null without one, "unknown" while there are no contexts. */
  readonly encode: readonly EmbeddingEstimate[] | "unknown" | null;
  /** What runs as jobs elsewhere; null where nothing does. */
  readonly jobs: JobsPlan | null;
}

/**
 * What `r4ec run` would find done in a run folder, what it would run, and what that would ask of language models.
 * Runs nothing and changes nothing; the folder need not exist.
 *
 * @param runDir - Absolute
 * @throws what reading the source's description, the contexts, or a tokenizer throws
 */
export async function planPipeline(
  settings: PipelineSettings,
  runDir: string,
): Promise<PipelinePlan> {
  refuseSecrets(fileOf(settings));
  const looked = await lookThrough(await stagesIn(settings, runDir), runDir);
  return {
    name: settings.name,
    protocol: settings.protocol,
    stages: looked.stages.map(({ planned }) => planned),
    training: planTraining(settings),
    stops: await stopsOf(settings, runDir, looked),
    knowledge: await planKnowledge(settings, runDir, looked),
    construct: await planConstruct(settings, runDir, looked),
    finetune: await planTuning(settings, runDir, looked),
    elsewhere: planElsewhere(settings),
    encode: await planEncoding(settings, {
      runDir,
      catalog: looked.catalog,
      tasksLeft: (stage) =>
        looked.stages.find(({ planned }) => planned.stage === stage)?.left ?? null,
      withDatabase: (use) => withTemporaryDatabase("plan", settings, use),
    }),
    jobs: planJobs(
      settings.runtime.executor,
      looked.stages.map(({ planned: { stage }, group, left }) => ({
        ...{ stage, group, left: left?.length ?? null },
      })),
    ),
  };
}

async function stagesIn(
  settings: PipelineSettings,
  runDir: string,
): Promise<readonly PipelineStage[]> {
  return stagesOf(settings, (_, find) => find(), noWish, await stagesWithManifest(runDir));
}

function planTraining({ resolved, protocol }: PipelineSettings): PlannedTraining {
  const models = trainTasks(resolved.train, resolved.variants, protocol).map(
    ({ params }) => params,
  );
  const countOf = (values: readonly unknown[]): number => new Set(values).size;
  const trials = groupBy(models, ({ backbone, variant }) => [backbone, variant]).map((group) =>
    countOf(group.map(({ trial }) => trial)),
  );
  return {
    models: models.length,
    backbones: countOf(models.map(({ backbone }) => backbone)),
    variants: countOf(models.map(({ variant }) => variant)),
    trials: Math.max(...trials),
    seeds: countOf(models.map(({ seed }) => seed)),
  };
}

/** By the tables users and items where there are any, else by the settings alone. */
async function stopsOf(
  settings: PipelineSettings,
  runDir: string,
  { stages, catalog }: Looked,
): Promise<readonly string[]> {
  const untrainable = await tuningStops(settings, stages);
  if (untrainable.length > 0) return untrainable;
  const isRead = catalog["users"] !== undefined && catalog["items"] !== undefined;
  if (!isRead) return faultsOfSettings(settings);
  const faults = [
    ...(await splitStops(settings, runDir, catalog)),
    ...(await faultsOfTables(settings, runDir, catalog)),
  ];
  const isTrained = stages.some(
    ({ planned: { stage, state } }) => stage === "train" && state === "done",
  );
  if (isTrained || faults.length > 0) return faults;
  return memoryFaultsOfTables(settings, runDir, catalog);
}

/** What a run would stop for before it asks a teacher whose texts nothing could be trained on. */
async function tuningStops(
  settings: PipelineSettings,
  stages: readonly LookedAt[],
): Promise<readonly string[]> {
  const isDone = stages.some(
    ({ planned: { stage, state } }) => stage === "finetune" && state === "done",
  );
  if (settings.finetune === undefined || isDone) return [];
  try {
    await refuseUntrainable(settings);
    return [];
  } catch (error) {
    if (error instanceof FlowError) return [error.message];
    throw error;
  }
}

/** What a run would stop for once it splits the interactions, which are read; none where they are split already. */
async function splitStops(
  settings: PipelineSettings,
  runDir: string,
  catalog: Catalog,
): Promise<readonly string[]> {
  if (catalog["interactions"] === undefined || catalog["samples"] !== undefined) return [];
  const [{ mountChecked }, { sourceNames }] = await Promise.all([
    import("../../tables/mount-checked.ts"),
    import("../../tables/source-ids/source-names.ts"),
  ]);
  const { interactions } = catalog;
  return withTemporaryDatabase("plan", settings, async (db) => {
    const checked = await mountChecked(db, { interactions }, runDir);
    return faultsOfSplits(checked, settings, async (user) =>
      (await (await sourceNames(db, runDir)).user([user]))(user),
    );
  });
}

interface LookedAt {
  readonly planned: PlannedStage;
  readonly group: StageName;
  /** What is left to do; null while the stage's inputs are missing. */
  readonly left: readonly TaskSpec[] | null;
}

interface Looked {
  readonly stages: readonly LookedAt[];
  /** All tables that are complete. */
  readonly catalog: Catalog;
}

/** Visits the stages in run order: a stage can be planned once every stage that writes its inputs is done. */
async function lookThrough(stages: readonly PipelineStage[], runDir: string): Promise<Looked> {
  const store = fileCommitStore(runDir);
  const catalog: Record<string, FileRef[]> = {};
  const incomplete: StageDef[] = [];
  const looked: LookedAt[] = [];
  for (const { def, group } of stages) {
    const isBlocked = incomplete.some((source) => feeds(source, def));
    const tasks = isBlocked ? null : taskSpecs(def, inputsOf(def, catalog));
    const found = new Map<string, TaskManifest>();
    for (const task of tasks ?? []) {
      const manifest = await store.get(task.stage, task.key);
      if (manifest !== null && (await areThere(runDir, task.artifacts))) {
        found.set(task.key, manifest);
      }
    }
    const files = (tasks ?? []).flatMap(({ key }) => found.get(key)?.files ?? []);
    const left = tasks?.filter(({ key }) => !found.has(key)) ?? null;
    if (left?.length === 0) {
      for (const table of def.outputs) catalog[table] ??= [];
      for (const file of files) catalog[file.table]?.push({ ...file, stage: def.name });
    } else {
      incomplete.push(def);
    }
    const state = left?.length === 0 ? "done" : found.size > 0 ? "partial" : "missing";
    const planned: PlannedStage = {
      stage: def.name,
      state,
      tasksDone: (tasks?.length ?? 0) - (left?.length ?? 0),
      tasks: tasks?.length ?? null,
      tables: rowsByTable(files),
      errors: errorsIn(files),
    };
    looked.push({ planned, group, left });
  }
  const awaited = new Set(incomplete.flatMap(({ outputs }) => outputs));
  const complete = Object.entries(catalog).filter(([table]) => !awaited.has(table));
  return { stages: looked, catalog: Object.fromEntries(complete) };
}

async function planKnowledge(
  settings: PipelineSettings,
  runDir: string,
  { stages, catalog }: Looked,
): Promise<PipelinePlan["knowledge"]> {
  const variants = settings.resolved.texts.flatMap(({ name: variant, knowledge }) => {
    const name = stageFor("knowledge", variant);
    const stage = stages.find(({ planned }) => planned.stage === name);
    if (stage === undefined) return [];
    // Where only the tiers are missing, nothing of the knowledge can be done yet.
    const left = (table: "user_contexts" | "item_contexts"): readonly FileRef[] =>
      stage.left?.flatMap(({ inputs }) => inputs[table] ?? []) ?? catalog[table] ?? [];
    return {
      variant,
      knowledge,
      left: { user: left("user_contexts"), item: left("item_contexts") },
    };
  });
  if (variants.length === 0) return null;
  const { user_contexts: users, item_contexts: items } = catalog;
  if (users === undefined || items === undefined) return "unknown";
  const { estimateKnowledge } = await import("../../knowledge/estimate-knowledge.ts");
  return withTemporaryDatabase("plan", settings, (db) =>
    estimateKnowledge(db, {
      variants,
      positiveAbove: settings.dataset.positiveAbove,
      runDir,
      tables: catalog,
    }),
  );
}

async function planConstruct(
  { construct, knowledge, dataset, contexts, runtime }: PipelineSettings,
  runDir: string,
  { stages, catalog }: Looked,
): Promise<PipelinePlan["construct"]> {
  if (construct === undefined) return null;
  if (catalog["user_contexts"] === undefined || catalog["item_contexts"] === undefined) {
    return "unknown";
  }
  const left = stages.find(({ planned }) => planned.stage === "construct")?.left ?? null;
  const partsOf = (tasks: readonly TaskSpec[], table: string): readonly FileRef[] =>
    tasks.flatMap(({ inputs }) => inputs[table] ?? []);
  const { estimateConstruct } = await import("../../knowledge/construct/estimate-construct.ts");
  return withTemporaryDatabase("plan", { runtime }, (db) =>
    estimateConstruct(db, {
      ...{ construct, knowledge, positiveAbove: dataset.positiveAbove, runDir, tables: catalog },
      history: contexts.history,
      left: left && { user: partsOf(left, "user_targets"), item: partsOf(left, "item_targets") },
    }),
  );
}

async function planTuning(
  settings: PipelineSettings,
  runDir: string,
  { stages, catalog }: Looked,
): Promise<PipelinePlan["finetune"]> {
  const { finetune } = settings;
  if (finetune === undefined || finetune.elsewhere !== undefined) return null;
  const left = stages.find(({ planned }) => planned.stage === "finetune")?.left ?? null;
  if (left === null) return "unknown";
  if (left.length === 0) return [];
  const { planFinetune } = await import("../../finetune/plan-finetune.ts");
  const { mountChecked } = await import("../../tables/mount-checked.ts");
  const { sft_reason = [], sft_refine = [], sft_reflect = [] } = catalog;
  const learned = { sft_reason, sft_reflect, ...(!finetune.reasonOnly && { sft_refine }) };
  return withTemporaryDatabase("plan", settings, async (db) =>
    planFinetune(
      await mountChecked(db, { ...noLessons, ...learned }, runDir),
      finetune,
      left.map(({ params }) => finetuneParams.parse(params)),
      runtimeOf(settings).threads,
    ),
  );
}

function planElsewhere({ finetune, resolved }: PipelineSettings): PipelinePlan["elsewhere"] {
  if (finetune?.elsewhere === undefined) return null;
  const { elsewhere: trainer, base } = finetune;
  const adapters = resolved.played.map(({ subject, role, given }) => ({ subject, role, given }));
  return { trainer, base, adapters };
}

function rowsByTable(files: readonly FileRef[]): Readonly<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const file of files) rows[file.table] = (rows[file.table] ?? 0) + file.rows;
  return rows;
}
