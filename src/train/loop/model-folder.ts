import { join } from "node:path";
import type { ModelIdentity } from "../../base/terms.ts";
import { modelFiles } from "../export/model-card.ts";

/**
 * Folder of a trained model's files: `<run>/models/<backbone>-<variant>-t<trial>-s<seed>-<first 8 of the task's key>`. People find it
 * by name, and models of other settings or data never share it. Characters that paths cannot hold on every system become `_`.
 *
 * @param runDir - Absolute path of the run folder
 */
export function modelFolder(runDir: string, identity: ModelIdentity, taskKey: string): string {
  return join(runDir, "models", nameOf(identity, taskKey));
}

/** The files of a trained model, relative to the run folder, with forward slashes. */
export function modelPaths(identity: ModelIdentity, taskKey: string): readonly string[] {
  const folder = `models/${nameOf(identity, taskKey)}`;
  return ["model.safetensors", modelFiles.model, modelFiles.card].map(
    (name) => `${folder}/${name}`,
  );
}

function nameOf({ backbone, variant, trial, seed }: ModelIdentity, taskKey: string): string {
  const name = `${backbone}-${variant}-t${trial}-s${seed}-${taskKey.slice(0, 8)}`;
  return name.replaceAll(/[^\w.+-]/g, "_");
}
