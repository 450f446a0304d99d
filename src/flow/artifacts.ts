import { stat } from "node:fs/promises";
import { join } from "node:path";
import { nullIfMissing } from "../base/files/durable-file.ts";
import type { FileCheck } from "./file-check.ts";
import type { TaskManifest } from "./manifest.ts";
import type { TaskSpec } from "./task.ts";

/** Whether all files that a task leaves beside its tables are there, whatever they hold. */
export async function areThere(
  runDir: string,
  artifacts: readonly string[] = [],
): Promise<boolean> {
  const found = artifacts.map((path) => stat(join(runDir, path)).catch(nullIfMissing));
  return (await Promise.all(found)).every((one) => one !== null);
}

/**
 * The first file beside the tables that a finished task left and that is missing or damaged, with what is wrong; null when there is
 * none. Former manifests do not name such files: then only that they are there is checked.
 */
export async function missingArtifact(
  runDir: string,
  { artifacts = [] }: Pick<TaskSpec, "artifacts">,
  manifest: TaskManifest,
  check: FileCheck,
): Promise<string | null> {
  for (const file of manifest.artifacts ?? []) {
    const found = await check.faultOf(file);
    if (found !== null) return `${join(runDir, file.path)}: ${found.fault}`;
  }
  const named = new Set(manifest.artifacts?.map(({ path }) => path));
  for (const path of artifacts.filter((one) => !named.has(one))) {
    const found = await stat(join(runDir, path)).catch(nullIfMissing);
    if (found === null) return `${join(runDir, path)}: it is missing`;
  }
  return null;
}
