import { reasonOf } from "../base/errors.ts";
import { fileCheck } from "../flow/file-check.ts";
import { fileCommitStore } from "../flow/manifest.ts";
import { inspectFiles, type Inspection } from "../flow/repair.ts";
import { readRunSettings, requireRun, settingsPath } from "./run-folder.ts";

/**
 * Checks settings, manifests, and every file that they name.
 *
 * @throws `RUN_INVALID` when the folder is not that of a run
 */
export async function verifyRun(runDir: string): Promise<Inspection> {
  await requireRun(runDir);
  const found = await inspectFiles(runDir, fileCommitStore(runDir), fileCheck(runDir));
  const settings = await readRunSettings(runDir).then(
    () => null,
    (error: unknown) => ({ path: settingsPath(runDir), fault: reasonOf(error) }),
  );
  return settings === null ? found : { ...found, damage: [...found.damage, settings] };
}
