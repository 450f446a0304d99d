/** @file Finds what is damaged in a run folder, and undoes the commits that it makes worthless. */
import { join } from "node:path";
import type { FileCheck, FileFault, NamedFile } from "./file-check.ts";
import { readDigits, type CommitStore, type ManifestPlace, type TaskManifest } from "./manifest.ts";
import {
  readStageManifest,
  setAsideDamagedStages,
  stagesWithManifest,
  type StageManifest,
} from "./stage-manifest.ts";

/** A file that is not as it was written. */
export interface Damage {
  /** Absolute. */
  readonly path: string;
  readonly fault: string;
}

/** What a look at every file of a run found. */
export interface Inspection {
  /** Files looked at, manifests left out. */
  readonly files: number;
  readonly bytes: number;
  readonly damage: readonly Damage[];
}

/** Checks every manifest of a run, and size and content of every file they name. Changes nothing. */
export async function inspectFiles(
  runDir: string,
  store: CommitStore,
  check: FileCheck,
): Promise<Inspection> {
  const { manifests, stages, damage } = await readAll(runDir, store);
  const found: Damage[] = [...damage];
  const seen = new Map<string, NamedFile>();
  // Until tasks that are done again are all done, their stage names parts that they no longer do.
  for (const file of stages.flatMap(({ files }) => files)) seen.set(file.path, file);
  for (const { files, artifacts = [] } of manifests) {
    for (const file of [...files, ...artifacts]) seen.set(file.path, file);
  }
  for (const file of seen.values()) {
    const fault = await check.faultOf(file);
    if (fault !== null) found.push({ path: join(runDir, file.path), fault: fault.fault });
  }
  const bytes = [...seen.values()].reduce((sum, file) => sum + file.bytes, 0);
  return { files: seen.size, bytes, damage: found };
}

/**
 * Undoes the commits of tasks whose files are missing or damaged, and of the tasks that may have read damaged content, so that the
 * next run does them again. What can be undone is deleted by the names in its manifest, last what was damaged itself: a repair that is
 * killed is begun again. The caller holds the run's lock.
 *
 * @returns What was damaged
 */
export async function undoDamaged(
  runDir: string,
  store: CommitStore,
  check: FileCheck,
): Promise<readonly Damage[]> {
  const { manifests, unreadable, stages, damage } = await readAll(runDir, store);
  const found: Damage[] = [...damage];
  const lost: TaskManifest[] = [];
  const corrupt: TaskManifest[] = [];
  for (const manifest of manifests) {
    const faults = await faultsOf(runDir, manifest, check);
    found.push(...faults.map(({ path, fault }) => ({ path, fault })));
    if (faults.length > 0) lost.push(manifest);
    if (faults.some(({ isContent }) => isContent)) corrupt.push(manifest);
  }
  const follow = followers(corrupt, manifests, stages).filter((one) => !lost.includes(one));
  for (const manifest of [...follow.reverse(), ...lost]) await store.drop(manifest);
  for (const place of unreadable) await store.discard(place);
  await store.restore(); // of a discarded manifest the one before it
  await setAsideDamagedStages(runDir);
  return found;
}

async function readAll(
  runDir: string,
  store: CommitStore,
): Promise<{
  readonly manifests: readonly TaskManifest[];
  readonly unreadable: readonly ManifestPlace[];
  readonly stages: readonly StageManifest[];
  readonly damage: readonly Damage[];
}> {
  const unreadable: ManifestPlace[] = [];
  const damage: Damage[] = [];
  const manifests = await store.all((place) => {
    unreadable.push(place);
    const path = join(runDir, "manifests", place.stage, `${place.key}.json`);
    damage.push({ path, fault: "it is not the manifest of its task" });
  });
  const stages: StageManifest[] = [];
  for (const name of await stagesWithManifest(runDir)) {
    const stage = await readStageManifest(runDir, name).catch(() => null);
    if (stage !== null) stages.push(stage);
    else {
      const path = join(runDir, "stages", `${name}.json`);
      damage.push({ path, fault: "it is not the manifest of its stage" });
    }
  }
  return { manifests, unreadable, stages, damage };
}

async function faultsOf(
  runDir: string,
  { files, artifacts = [] }: TaskManifest,
  check: FileCheck,
): Promise<readonly (Damage & FileFault)[]> {
  const faults: (Damage & FileFault)[] = [];
  for (const file of [...files, ...artifacts]) {
    const found = await check.faultOf(file);
    if (found !== null) faults.push({ path: join(runDir, file.path), ...found });
  }
  return faults;
}

/** The tasks that read what the given ones wrote, and the tasks that read theirs, in this order. */
function followers(
  corrupt: readonly TaskManifest[],
  all: readonly TaskManifest[],
  stages: readonly StageManifest[],
): TaskManifest[] {
  // Grows during the loop.
  const reached = [...corrupt];
  for (const source of reached) {
    const readers = all.filter((one) => !reached.includes(one) && mayRead(one, source, stages));
    reached.push(...readers);
  }
  return reached.slice(corrupt.length);
}

/** Whether a task read a file of another one. Former manifests do not say: then, whether its stage reads the table. */
function mayRead(
  { stage, reads }: TaskManifest,
  source: TaskManifest,
  stages: readonly StageManifest[],
): boolean {
  if (reads !== undefined) {
    return source.files.some(({ sha256 }) => reads.includes(sha256.slice(0, readDigits)));
  }
  const reader = stages.find((one) => one.stage === stage);
  if (reader === undefined || stage === source.stage) return false;
  const isSource = reader.sources?.includes(source.stage) ?? true;
  return isSource && source.files.some(({ table }) => reader.inputs.includes(table));
}
