import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { FlowError } from "../base/errors.ts";
import { namesIn, nullIfMissing } from "../base/files/durable-file.ts";
import { replaceFileIn } from "../base/files/folder-in.ts";
import { fileCommitStore } from "../flow/manifest.ts";
import { claimFolder, markName, markOf } from "../flow/run-mark.ts";
import { catalogOf, readStageManifests, stagesWithManifest } from "../flow/stage-manifest.ts";
import type { Catalog } from "../flow/stage.ts";
import { loadPipeline } from "./load-pipeline.ts";
import type { PipelineFile, PipelineSettings } from "./settings.ts";

/** Last line of the settings in a run folder: without it the file was cut short. */
const lastLine = "# end of the settings";

/** Writes the settings into the run folder. The caller holds the run's lock. */
export async function writeRunSettings(runDir: string, settings: PipelineSettings): Promise<void> {
  const text = `${stringify(fileOf(settings))}${lastLine}\n`;
  await replaceFileIn(runDir, settingsPath(runDir), text);
}

/**
 * The settings that a run was last run with.
 *
 * @throws `RUN_INVALID` when the folder is not one that `r4ec run` made, or when its settings are damaged
 */
export async function readRunSettings(runDir: string): Promise<PipelineSettings> {
  await requireRun(runDir);
  const path = settingsPath(runDir);
  const cure =
    "Run the pipeline file of this run again with --out and this folder: that writes the settings anew, and finished work is kept";
  const damaged = (fault: string): FlowError =>
    new FlowError("RUN_INVALID", `${path}: ${fault}. ${cure}.`);
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) throw damaged("there are no settings");
  const isMarked = (await markOf(runDir)) !== null;
  if (isMarked ? !text.endsWith(`${lastLine}\n`) : !hasEveryBlock(text)) {
    throw damaged("the settings are cut short or not those of a run");
  }
  return loadPipeline(path).catch((error: unknown) => {
    throw error instanceof FlowError
      ? damaged(`these are no settings of a run: ${error.message}`)
      : error;
  });
}

/** The settings as a pipeline file has them. */
export function fileOf({ resolved: _resolved, ...file }: PipelineSettings): PipelineFile {
  return file;
}

/** Where a run keeps its settings, with every default filled in. */
export function settingsPath(runDir: string): string {
  return join(runDir, "pipeline.yaml");
}

/**
 * Makes the folder of a run, or takes the one that is there.
 *
 * @throws `RUN_INVALID` naming what is in the way when the folder is not a run's; `OUTPUT_FAILED` when it cannot be made
 */
export async function makeRunFolder(runDir: string): Promise<void> {
  await claimFolder(runDir, "run", {
    isFormer: () => isFormerRun(runDir),
    cure: "Choose another with --out.",
  });
}

/** Whether `r4ec run` made a folder. */
async function isRunFolder(folder: string): Promise<boolean> {
  return (await markOf(folder)) === "run" || (await isFormerRun(folder));
}

/** @throws `RUN_INVALID` when the folder is not one that `r4ec run` made */
export async function requireRun(runDir: string): Promise<void> {
  const folder = await stat(runDir).catch(nullIfMissing);
  if (folder === null) {
    throw new FlowError(
      "RUN_INVALID",
      `there is no folder ${runDir}; give the folder of a run, such as runs/quickstart`,
    );
  }
  if (await isRunFolder(runDir)) return;
  const hasSettings = (await stat(settingsPath(runDir)).catch(nullIfMissing)) !== null;
  const why = hasSettings ? "no run wrote its pipeline.yaml" : "it has no pipeline.yaml";
  throw new FlowError(
    "RUN_INVALID",
    `${runDir} is not a run folder (${why}); give the folder that "r4ec run" wrote, such as runs/quickstart`,
  );
}

/** Blocks that every run's settings have had, since defaults are filled in. */
const everyBlock = ["name", "dataset", "protocol", "knowledge", "encode", "train", "runtime"];

/** What runs of before there were marks leave, besides `pipeline.yaml`. */
const formerNames = new Set([
  ...["tables", "manifests", "stages", "models", "checkpoints", "cache", "batches", "tmp"],
  ...["report", "profile", "results.json", "pipeline.yaml", "lock", "lock.claim", markName],
]);

/**
 * Whether a folder is that of a run made before there were marks: it has settings with every block and a task or stage that was
 * committed or, where a run was stopped before that, nothing else than runs leave.
 */
async function isFormerRun(runDir: string): Promise<boolean> {
  const text = await readFile(settingsPath(runDir), "utf8").catch(() => null);
  if (text === null || !hasEveryBlock(text)) return false;
  const tasks = await fileCommitStore(runDir).all(() => undefined);
  if (tasks.length > 0) return true;
  if (await hasStage(runDir)) return true;
  const names = await namesIn(runDir);
  if (!names.every((name) => formerNames.has(name) || /^lock\.[0-9a-f-]{36}$/.test(name)))
    return false;
  return (
    await Promise.all([holdsOnly(runDir, "tmp", /^[0-9a-f]{8}$/), hasOnlyParts(runDir)])
  ).every(Boolean);
}

async function hasStage(runDir: string): Promise<boolean> {
  if ((await stagesWithManifest(runDir)).length === 0) return false;
  const stages = await readStageManifests(runDir).catch(() => []);
  return stages.length > 0;
}

async function hasOnlyParts(runDir: string): Promise<boolean> {
  const tables = await namesIn(join(runDir, "tables"));
  const part = /^part-\d{5}(-\d+)?\.[0-9a-f]{8}\.parquet(\.buckets)?$/;
  const isOurs = await Promise.all(
    tables.map((table) => holdsOnly(join(runDir, "tables"), table, part)),
  );
  return isOurs.every(Boolean);
}

async function holdsOnly(folder: string, name: string, names: RegExp): Promise<boolean> {
  return (await namesIn(join(folder, name))).every((one) => names.test(one));
}

function hasEveryBlock(text: string): boolean {
  try {
    const settings: unknown = parse(text, { uniqueKeys: false }); // written by a run
    if (typeof settings !== "object" || settings === null) return false;
    return everyBlock.every((block) => block in settings);
  } catch {
    return false;
  }
}

/** The tables of a run's complete stages. */
export async function runCatalog(runDir: string): Promise<Catalog> {
  await requireRun(runDir);
  return catalogOf(await readStageManifests(runDir));
}
