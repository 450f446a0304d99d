import { join } from "node:path";
import type { ModelIdentity } from "../../base/terms.ts";

/**
 * Folder of a trained model's files: `<run>/models/<backbone>-<variant>-t<trial>-s<seed>-<first 8 of the task's key>`. People find it
 * by name, and models of other settings or data never share it. Characters that paths cannot hold on every system become `_`.
 *
 * @param runDir - Absolute path of the run folder
 */
export function modelFolder(
  runDir: string,
  { backbone, variant, trial, seed }: ModelIdentity,
  taskKey: string,
): string {
  const name = `${backbone}-${variant}-t${trial}-s${seed}-${taskKey.slice(0, 8)}`;
  return join(runDir, "models", name.replaceAll(/[^\w.+-]/g, "_"));
}
