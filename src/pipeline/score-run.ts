import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../base/errors.ts";
import { nullIfMissing } from "../base/files/durable-file.ts";
import { jsonOrNull } from "../base/json.ts";
import { withTemporaryFolder } from "../base/files/temporary-folder.ts";
import { catalogOf, readStageManifests } from "../flow/stage-manifest.ts";
import { inputsOf } from "../flow/stage.ts";
import { taskSpecs } from "../flow/task-key.ts";
import type { TaskProgress, TaskSpec } from "../flow/task.ts";
import { dictionariesIn } from "../tables/source-ids/source-ids.ts";
import type { CsvOptions } from "../tables/files/table-file.ts";
import { modelCard, modelFiles, type ModelCard } from "../train/export/model-card.ts";
import { modelFolder } from "../train/loop/model-folder.ts";
import { chooseModel, nameOf, type ModelFilter } from "../train/score/choose-model.ts";
import { scoreFile, type ScoreSummary } from "../train/score/score-file.ts";
import { trainParams } from "../train/train-tasks.ts";
import { readRunSettings } from "./run-folder.ts";
import { runtimeOf } from "./settings.ts";
import { trainStageOf } from "./stages.ts";

export interface ScoreRunOptions extends ModelFilter, CsvOptions {
  /** Absolute. */
  readonly runDir: string;
  /** Rows to score. Absolute. */
  readonly file: string;
  /** Absolute. */
  readonly out: string;
  /** Whether a user or item that the run does not know is an error. */
  readonly isStrict: boolean;
  readonly signal: AbortSignal;
  /** Told which model scores, and why it. */
  readonly onModel: (name: string, reason: string) => void;
  readonly onProgress: (progress: TaskProgress) => void;
}

/**
 * Scores the rows of a file with a trained model of a run; see {@link scoreFile}. Without a filter it is the best of the run.
 *
 * @throws `RUN_INVALID` when the run has trained no models yet
 */
export async function scoreRun(options: ScoreRunOptions): Promise<ScoreSummary> {
  const { runDir, file, out, isStrict, isForSpreadsheets, signal, onModel, onProgress } = options;
  const settings = await readRunSettings(runDir);
  const catalog = catalogOf(await readStageManifests(runDir));
  const def = trainStageOf(settings);
  const tasks = taskSpecs(def, inputsOf(def, catalog));
  const models = (await Promise.all(tasks.map((task) => trainedModel(runDir, task)))).flat();
  if (models.length === 0) {
    throw new FlowError(
      "RUN_INVALID",
      `${runDir} has no trained models of its present settings; run the pipeline again`,
    );
  }
  const { chosen, reason } = chooseModel(models, options);
  const caveat = "; its probabilities depend on the rows that are scored together";
  onModel(nameOf(chosen.card), chosen.card.model.looksAcrossRows ? reason + caveat : reason);
  return withTemporaryFolder("score", (tempDir) =>
    scoreFile({
      ...chosen,
      ...runtimeOf(settings),
      runDir,
      timeline: catalog["timeline"] ?? [],
      dictionaries: dictionariesIn(catalog),
      file,
      out,
      isStrict,
      isForSpreadsheets,
      tempDir,
      signal,
      onProgress,
    }),
  );
}

interface RunModel {
  readonly task: TaskSpec;
  readonly folder: string;
  readonly card: ModelCard;
}

/** The model that a task has trained; none when it has not finished. */
async function trainedModel(runDir: string, task: TaskSpec): Promise<readonly RunModel[]> {
  const folder = modelFolder(runDir, trainParams.parse(task.params), task.key);
  const path = join(folder, modelFiles.card);
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) return [];
  const card = modelCard.safeParse(jsonOrNull(text));
  if (!card.success) {
    throw new FlowError(
      "RUN_INVALID",
      `${path}: it is not the card of a model, whole as it was written. Delete this file and run the pipeline again: ` +
        "that trains the model again",
    );
  }
  return [{ task, folder, card: card.data }];
}
