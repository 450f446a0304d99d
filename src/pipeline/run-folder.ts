import { access, mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { FlowError, reasonOf } from "../base/errors.ts";
import { nullIfMissing, replaceFile } from "../base/durable-file.ts";
import { catalogOf, readStageManifests } from "../flow/stage-manifest.ts";
import type { Catalog } from "../flow/stage.ts";
import type { PipelineFile, PipelineSettings } from "./settings.ts";

/** Writes the settings into the run folder. The caller holds the run's lock. */
export async function writeRunSettings(runDir: string, settings: PipelineSettings): Promise<void> {
  await replaceFile(settingsPath(runDir), stringify(fileOf(settings)));
}

/** The settings as a pipeline file has them. */
export function fileOf({ resolved: _resolved, ...file }: PipelineSettings): PipelineFile {
  return file;
}

/** Where a run keeps its settings, with every default filled in. */
export function settingsPath(runDir: string): string {
  return join(runDir, "pipeline.yaml");
}

/** @throws `OUTPUT_FAILED` when the folder cannot be made */
export async function makeRunFolder(runDir: string): Promise<void> {
  try {
    await makeFolders(runDir);
  } catch (error) {
    throw new FlowError(
      "OUTPUT_FAILED",
      `cannot write to the run folder ${runDir}: ${reasonOf(error)}. Choose another with --out.`,
      { cause: error },
    );
  }
}

/** `mkdir` with `recursive`, which never returns in file systems that make no folders, such as /proc. */
async function makeFolders(path: string): Promise<void> {
  const isFolder = async (): Promise<boolean> =>
    (await stat(path).catch(nullIfMissing))?.isDirectory() === true;
  if (await isFolder()) return;
  if (dirname(path) !== path) await makeFolders(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    if (!(await isFolder())) throw error; // otherwise another process made it first
  });
}

/** @throws `RUN_INVALID` when the folder is not one that `r4ec run` made */
export async function requireRun(runDir: string): Promise<void> {
  const folder = await stat(runDir).catch(nullIfMissing);
  const isRun = await access(settingsPath(runDir)).then(
    () => true,
    () => false,
  );
  if (isRun) return;
  throw new FlowError(
    "RUN_INVALID",
    folder === null
      ? `there is no folder ${runDir}; give the folder of a run, such as runs/quickstart`
      : `${runDir} is not a run folder (it has no pipeline.yaml); give the folder that "r4ec run" wrote, such as runs/quickstart`,
  );
}

/** The tables of a run's complete stages. */
export async function runCatalog(runDir: string): Promise<Catalog> {
  await requireRun(runDir);
  return catalogOf(await readStageManifests(runDir));
}
