import { stat } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { globFiles } from "../../base/glob.ts";
import { fileCheck } from "../../flow/file-check.ts";
import { catalogOf, readStageManifests } from "../../flow/stage-manifest.ts";
import type { EncodeParams } from "../settings.ts";

/**
 * Finds the Parquet files of a path in the pipeline file, in order.
 *
 * @param path - Absolute: a file, a glob (`*` and `?` within names), or the folder of a run. Of a run that has vectors of several
 *   variants those of the same name are taken or, when there are none, those of r4ec
 * @throws `CONFIG_INVALID` naming the path when it leads to no file
 */
export async function importedFiles(
  path: string,
  { subject, variant }: EncodeParams,
): Promise<readonly string[]> {
  const fault = (what: string): FlowError =>
    new FlowError("CONFIG_INVALID", `train.variants: ${variant}, ${subject}s: ${what}`);
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return filesOfRun(path, { subject, variant }, fault);
  if (found !== null) return [path];
  if (!/[*?]/.test(path)) {
    throw fault(`there is no file ${path}; relative paths start at the current folder`);
  }
  const files = await globFiles(path);
  if (files.length === 0) throw fault(`no file matches ${path}`);
  return files;
}

async function filesOfRun(
  runDir: string,
  { subject, variant }: EncodeParams,
  fault: (what: string) => FlowError,
): Promise<readonly string[]> {
  const manifests = await readStageManifests(runDir);
  if (manifests.length === 0) {
    throw fault(
      `${runDir} is no folder of a run; for the files in a folder write ${join(runDir, "*.parquet")}`,
    );
  }
  const table = `${subject}_embeddings`;
  const byVariant = new Map<string, string[]>();
  const parts = catalogOf(manifests)[table] ?? [];
  for (const { path, stage } of parts) {
    const owner = /^(?:encode|approximate|import)-(.+)$/.exec(stage ?? "")?.[1] ?? "r4ec";
    byVariant.set(owner, [...(byVariant.get(owner) ?? []), join(runDir, path)]);
  }
  const [first, ...others] = byVariant.values();
  const files = byVariant.get(variant) ?? byVariant.get("r4ec") ?? first;
  if (files === undefined)
    throw fault(`the run ${runDir} has no ${table} yet; run its stage encode first`);
  if (!byVariant.has(variant) && !byVariant.has("r4ec") && others.length > 0) {
    const names = [...byVariant.keys()].join(", ");
    throw fault(
      `the run ${runDir} has vectors of ${names}; name the variant after the one to take`,
    );
  }
  const taken = new Set(files);
  await fileCheck(runDir).require(parts.filter(({ path }) => taken.has(join(runDir, path))));
  return files;
}
