import { removeOwnFile } from "../base/files/own-names.ts";
import type { CommitStore, ManifestPlace } from "./manifest.ts";
import { readStageManifests, type StageManifest } from "./stage-manifest.ts";

/**
 * Deletes the parts that only former manifests of stages name: their tasks were done again. Until the stage is complete again, its
 * manifest keeps them readable. Deletes nothing while a task's manifest cannot be read.
 */
export async function removeReplaced(
  runDir: string,
  store: CommitStore,
  former: readonly StageManifest[],
): Promise<void> {
  if (former.length === 0) return;
  const damaged: ManifestPlace[] = [];
  const tasks = await store.all((place) => damaged.push(place));
  if (damaged.length > 0) return;
  const manifests = [...tasks, ...(await readStageManifests(runDir))];
  const named = new Set(manifests.flatMap(({ files }) => files.map(({ path }) => path)));
  for (const { path } of former.flatMap(({ files }) => files)) {
    if (!named.has(path)) await removeOwnFile(runDir, path);
  }
}
