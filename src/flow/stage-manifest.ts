import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { namesIn, nullIfMissing } from "../base/files/durable-file.ts";
import { replaceFileIn } from "../base/files/folder-in.ts";
import { jsonOrNull } from "../base/json.ts";
import { damaged } from "./file-check.ts";
import { fileRef } from "./file-ref.ts";
import { feeds, type Catalog } from "./stage.ts";
import type { FileRef } from "./task.ts";

/** Names every committed part of a complete stage. Written last, replaced atomically. */
export interface StageManifest {
  readonly stage: string;
  /** SHA-256 over the task keys: changes exactly when the stage's output may have changed. */
  readonly key: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** As in the stage's definition. */
  readonly sources?: readonly string[];
  readonly tasks: number;
  /** Total wall time of the tasks, in whichever run they ran. */
  readonly taskSeconds: number;
  readonly files: readonly FileRef[];
}

const stageManifest = z.looseObject({
  stage: z.string(),
  key: z.string(),
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  sources: z.array(z.string()).optional(),
  tasks: z.int().min(0),
  taskSeconds: z.number(),
  files: z.array(fileRef),
});

const folderOf = (runDir: string): string => join(runDir, "stages");
const pathOf = (runDir: string, stage: string): string => join(folderOf(runDir), `${stage}.json`);

/** @throws `RUN_INVALID` for a damaged manifest */
export async function readStageManifest(
  runDir: string,
  stage: string,
): Promise<StageManifest | null> {
  const path = pathOf(runDir, stage);
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) return null;
  const found = jsonOrNull(text);
  if (isManifest(found) && found.stage === stage) return found;
  throw damaged(runDir, path, "it is not the manifest of this stage, whole as it was written");
}

/** @throws `RUN_INVALID` for a damaged manifest */
export async function readStageManifests(runDir: string): Promise<readonly StageManifest[]> {
  const stages = await stagesWithManifest(runDir);
  const manifests = await Promise.all(stages.map((stage) => readStageManifest(runDir, stage)));
  return manifests.filter((manifest) => manifest !== null);
}

/** Renames the manifests that are damaged to `*.damaged`; what they said is written again once their tasks are looked through. */
export async function setAsideDamagedStages(runDir: string): Promise<void> {
  for (const stage of await stagesWithManifest(runDir)) {
    const path = pathOf(runDir, stage);
    await readStageManifest(runDir, stage).catch(() => rename(path, `${path}.damaged`));
  }
}

/** The stages that have a manifest, whatever it holds. */
export async function stagesWithManifest(runDir: string): Promise<readonly string[]> {
  const names = (await namesIn(folderOf(runDir))).filter((name) => name.endsWith(".json"));
  return names.map((name) => name.slice(0, -".json".length));
}

function isManifest(value: unknown): value is StageManifest {
  return stageManifest.safeParse(value).success;
}

/** Marks a stage complete. */
export async function writeStageManifest(runDir: string, manifest: StageManifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  await replaceFileIn(runDir, pathOf(runDir, manifest.stage), text);
}

/**
 * Removes the manifest of a stage that has another key, that is, other settings or data, after those of all stages that read its
 * tables: while the stage runs again, nobody can mistake old results for new ones.
 *
 * @returns What was removed
 */
export async function dropOutdated(
  runDir: string,
  stage: string,
  key: string,
): Promise<readonly StageManifest[]> {
  const old = await readStageManifest(runDir, stage);
  if (old === null || old.key === key) return [];
  const readers = await dropReaders(runDir, old);
  await rm(pathOf(runDir, stage), { force: true });
  return [old, ...readers];
}

/**
 * Removes the manifests of all stages that read these tables of a stage, directly or through others.
 *
 * @returns What was removed
 */
export async function dropReaders(
  runDir: string,
  old: StageManifest,
  tables: readonly string[] = old.outputs,
): Promise<readonly StageManifest[]> {
  const readers = await dependents(runDir, { ...old, outputs: tables });
  for (const { stage } of readers) await rm(pathOf(runDir, stage), { force: true });
  return readers;
}

async function dependents(runDir: string, old: StageManifest): Promise<readonly StageManifest[]> {
  const manifests = await readStageManifests(runDir);
  const stale = [old];
  // Grows during the loop.
  for (const changed of stale) {
    const { stage: name, outputs } = changed;
    const readers = manifests.filter((reader) => feeds({ name, outputs }, reader));
    stale.push(...readers.filter((reader) => stale.every(({ stage }) => stage !== reader.stage)));
  }
  return stale.slice(1);
}

/** All tables of the given stages. Several stages may add parts to one table; each part names its stage. */
export function catalogOf(manifests: readonly Pick<StageManifest, "stage" | "files">[]): Catalog {
  const catalog: Record<string, FileRef[]> = {};
  for (const { stage, files } of manifests) {
    for (const file of files) (catalog[file.table] ??= []).push({ ...file, stage });
  }
  return catalog;
}
