import { join, resolve } from "node:path";
import { FlowError } from "../base/errors.ts";
import { policyOf, type FaultKind, type RetryWish } from "../base/retry-policy.ts";
import type { Executor, ExecutorSite } from "../flow/executor.ts";
import { localExecutor } from "../flow/executors/local/local-executor.ts";
import { fileCheck } from "../flow/file-check.ts";
import type { RunEvent } from "../flow/run-event.ts";
import { TrainingPending } from "../finetune/elsewhere/training-pending.ts";
import { lockRun } from "../flow/run-lock.ts";
import type { WorkingCopy } from "../flow/store/working-copy.ts";
import { isPending, runStages, type RunStagesOptions } from "../flow/run-stages.ts";
import {
  readStageManifest,
  stagesWithManifest,
  type StageManifest,
} from "../flow/stage-manifest.ts";
import type { StageDef } from "../flow/stage.ts";
import { sha256 } from "../base/sha256.ts";
import { clearQueue } from "../llm/batch/clear-queue.ts";
import { answerFolders } from "../llm/cache/answer-folders.ts";
import type { RunResults } from "../report/run-results.ts";
import { fileOf, makeRunFolder, writeRunSettings } from "./run-folder.ts";
import { createExecutor } from "./executor/create-executor.ts";
import { refuseSecrets } from "./secret-settings.ts";
import { requireTrained } from "./elsewhere/require-trained.ts";
import { runtimeOf, type PipelineSettings } from "./settings.ts";
import { stageNames, type PipelineStage, type StageName } from "./pipeline-stage.ts";
import { stagesOf } from "./stages.ts";
import { refuseUntrainable } from "./plan/refuse-untrainable.ts";
import { hasWork, memoryFaultsOfTables } from "./plan/training-memory.ts";
import { faultsOfSettings, faultsOfTables, refuseFaults } from "./plan/unusable-settings.ts";

export interface RunPipelineOptions {
  readonly settings: PipelineSettings;
  /** Absolute. */
  readonly runDir: string;
  /** First stage to check; earlier ones are used as they are. Default: the first. */
  readonly from?: StageName;
  /** Last stage to complete. Default: the last. */
  readonly to?: StageName;
  /** Kinds of missing answers of earlier runs that are asked again. Default: all of them, but none of models asked by batch. */
  readonly retry?: readonly FaultKind[];
  /** Whether to do again what is damaged, and what follows from it. Default false. */
  readonly isRepair?: boolean;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  /** Of the run, where `runDir` is a working copy of what a store holds. Default: the folder is the run. */
  readonly copy?: WorkingCopy;
  /** Makes what runs the tasks that stay in this process. Default: {@link localExecutor}. */
  readonly createLocal?: (site: ExecutorSite) => Executor;
}

/**
 * Runs what is missing of a pipeline. One process per run folder at a time.
 *
 * @returns What the report says, or null when `to` stops before the report
 */
export async function runPipeline(options: RunPipelineOptions): Promise<RunResults | null> {
  const { settings, runDir, from = "ingest", to = "report", signal, onEvent } = options;
  const { createLocal = localExecutor, retry: kinds = null } = options;
  const retry: RetryWish = { kinds, beforeMs: Date.now() };
  refuseSecrets(fileOf(settings));
  const rank = (name: StageName): number => stageNames.indexOf(name);
  if (rank(from) > rank(to)) {
    throw new FlowError("CONFIG_INVALID", `--from ${from} comes after --to ${to}`);
  }
  if (options.isRepair === true && options.from !== undefined) {
    throw new FlowError(
      "CONFIG_INVALID",
      "--repair looks at every stage: leave out --from, finished work is kept anyway",
    );
  }
  const isWanted = (group: StageName): boolean =>
    rank(group) >= rank(from) && rank(group) <= rank(to);
  const stages = await stagesOf(
    settings,
    async (group, find) => (isWanted(group) ? find() : null),
    retry,
    await stagesWithManifest(runDir),
  );
  if (to === "construct" && settings.construct === undefined) {
    throw new FlowError(
      "CONFIG_INVALID",
      "--to construct needs a teacher: add a construct block to the pipeline file, such as " +
        "construct: { teacher: { provider: openai, model: NAME } }",
    );
  }
  if (to === "finetune" && settings.finetune === undefined) {
    throw new FlowError(
      "CONFIG_INVALID",
      "--to finetune needs a base model: add a finetune block to the pipeline file, such as finetune: { base: PATH }",
    );
  }
  const isTrained = isWanted("train");
  if (isTrained && isWanted("ingest")) refuseFaults(faultsOfSettings(settings));
  await makeRunFolder(runDir);
  const release = await lockRun(runDir);
  try {
    const given = await givenStages(
      stages.filter(({ group }) => rank(group) < rank(from)),
      runDir,
    );
    await writeRunSettings(runDir, settings);
    const wanted = stages.filter(({ group }) => isWanted(group)).map(({ def }) => def);
    // Prompts queued under other settings are obsolete.
    await clearQueue(answerFolders(settings.knowledge.cache, runDir).queueDir);
    const site = {
      ...{ ...runtimeOf(settings), runDir, cacheDir: join(runDir, "cache") },
      scratchDir: scratchFolder(settings, runDir),
    };
    const executor = createExecutor({
      ...{ executor: settings.runtime.executor, name: settings.name, runDir, copy: options.copy },
      groupOf: (name) => stages.find(({ def }) => def.name === name)?.group,
      local: createLocal(site),
    });
    const known = { check: fileCheck(runDir), given, executor };
    const firstAsking = stages.find(
      ({ group }) => isWanted(group) && rank(group) > rank("contexts"),
    );
    // Stages whose work is in vain where the base model cannot be fine-tuned.
    const teaching = new Set(
      stages.flatMap(({ group, def }) => (group === "construct" ? [def.name] : [])),
    );
    // Stages that only prepare training.
    const preparing = new Set(
      stages.flatMap(({ group, def }) =>
        rank(group) > rank("contexts") && rank(group) < rank("train") ? [def.name] : [],
      ),
    );
    let isTrainable = !isWanted("finetune") || settings.finetune === undefined;
    let isSized = !isTrained;
    const before: NonNullable<RunStagesOptions["before"]> = async (def, catalog) => {
      if (isTrained && def.name === firstAsking?.def.name) {
        refuseFaults(await faultsOfTables(settings, runDir, catalog, known.check));
      }
      if (def.name === "finetune") {
        await requireTrained(settings, { runDir, catalog, check: known.check, onEvent });
      }
      if (!isTrainable && teaching.has(def.name) && (await hasWork(def, runDir, catalog))) {
        await refuseUntrainable(settings);
        isTrainable = true;
      }
      if (isSized || !preparing.has(def.name) || !(await hasWork(def, runDir, catalog))) return;
      isSized = true;
      const faults = await memoryFaultsOfTables(settings, runDir, catalog, known.check);
      refuseFaults(faults, "OUT_OF_MEMORY");
    };
    while (!(await isComplete(wanted, { ...known, before }, options))) {
      const { fetchAnswers } = await import("../knowledge/fetch-answers.ts");
      const waiting = { retry: policyOf(retry, true), signal, onEvent };
      await fetchAnswers(settings.knowledge, runDir, waiting);
    }
    if (settings.construct !== undefined && isWanted("construct")) {
      const { lessonLines } = await import("./lesson-lines.ts");
      for (const text of await lessonLines(runDir, known.check)) onEvent({ kind: "note", text });
    }
    if (to !== "report") return null;
    // Loaded late: the plotting library takes longer to load than a small stage takes to run.
    const { makeReport } = await import("./make-report.ts");
    return await makeReport(runDir, known.check);
  } finally {
    await release();
  }
}

/** Runs the stages; false when tasks wait for batched answers. */
async function isComplete(
  stages: readonly StageDef[],
  known: Required<Pick<RunStagesOptions, "check" | "given" | "executor" | "before">>,
  { settings, runDir, isRepair = false, signal, onEvent }: RunPipelineOptions,
): Promise<boolean> {
  const scratchDir = scratchFolder(settings, runDir);
  try {
    await runStages({ ...known, runDir, stages, scratchDir, isRepair, signal, onEvent });
    return true;
  } catch (error) {
    if (isPending(error) && !(error instanceof TrainingPending)) return false;
    throw error;
  } finally {
    await known.executor.close();
  }
}

/** Where a run spills: its own folder, also below a `spillDir` that several runs share. */
function scratchFolder({ runtime: { spillDir } }: PipelineSettings, runDir: string): string {
  if (spillDir === undefined) return join(runDir, "tmp");
  return join(resolve(spillDir), `r4ec-${sha256(runDir).slice(0, 12)}`);
}

async function givenStages(
  stages: readonly PipelineStage[],
  runDir: string,
): Promise<readonly StageManifest[]> {
  const manifests = await Promise.all(stages.map(({ def }) => readStageManifest(runDir, def.name)));
  return stages.map(({ group, def }, index) => {
    const manifest = manifests[index];
    if (manifest) {
      def.check?.(manifest.files);
      return manifest;
    }
    throw new FlowError(
      "CONFIG_INVALID",
      `--from skips stage ${group}, but ${runDir} has no complete ${def.name}; run it first, without --from`,
    );
  });
}
