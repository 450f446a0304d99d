import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { namesIn, nullIfMissing, replaceFile } from "../base/durable-file.ts";
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

const folderOf = (runDir: string): string => join(runDir, "stages");
const pathOf = (runDir: string, stage: string): string => join(folderOf(runDir), `${stage}.json`);

export async function readStageManifest(
  runDir: string,
  stage: string,
): Promise<StageManifest | null> {
  const text = await readFile(pathOf(runDir, stage), "utf8").catch(nullIfMissing);
  return text === null ? null : (JSON.parse(text) as StageManifest);
}

export async function readStageManifests(runDir: string): Promise<readonly StageManifest[]> {
  const names = (await namesIn(folderOf(runDir))).filter((name) => name.endsWith(".json"));
  const manifests = names.map((name) => readStageManifest(runDir, name.slice(0, -".json".length)));
  return (await Promise.all(manifests)).filter((manifest) => manifest !== null);
}

/** Marks a stage complete. */
export async function writeStageManifest(runDir: string, manifest: StageManifest): Promise<void> {
  await replaceFile(pathOf(runDir, manifest.stage), `${JSON.stringify(manifest, null, 1)}\n`);
}

/**
 * Removes the manifest of a stage that has another key, that is, other settings or data, after those of all stages that read its
 * tables: while the stage runs again, nobody can mistake old results for new ones.
 */
export async function dropOutdated(runDir: string, stage: string, key: string): Promise<void> {
  const old = await readStageManifest(runDir, stage);
  if (old === null || old.key === key) return;
  await dropReaders(runDir, old);
  await rm(pathOf(runDir, stage), { force: true });
}

/** Removes the manifests of all stages that read these tables of a stage, directly or through others. */
export async function dropReaders(
  runDir: string,
  old: StageManifest,
  tables: readonly string[] = old.outputs,
): Promise<void> {
  for (const name of await dependents(runDir, { ...old, outputs: tables })) {
    await rm(pathOf(runDir, name), { force: true });
  }
}

async function dependents(runDir: string, old: StageManifest): Promise<readonly string[]> {
  const manifests = await readStageManifests(runDir);
  const stale = [old];
  // Grows during the loop.
  for (const changed of stale) {
    const { stage: name, outputs } = changed;
    const readers = manifests.filter((reader) => feeds({ name, outputs }, reader));
    stale.push(...readers.filter((reader) => stale.every(({ stage }) => stage !== reader.stage)));
  }
  return stale.slice(1).map(({ stage }) => stage);
}

/** All tables of the given stages. Several stages may add parts to one table; each part names its stage. */
export function catalogOf(manifests: readonly Pick<StageManifest, "stage" | "files">[]): Catalog {
  const catalog: Record<string, FileRef[]> = {};
  for (const { stage, files } of manifests) {
    for (const file of files) (catalog[file.table] ??= []).push({ ...file, stage });
  }
  return catalog;
}
