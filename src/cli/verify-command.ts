import { relative } from "node:path";
import { FlowError } from "../base/errors.ts";
import { repairCure } from "../flow/file-check.ts";
import { withRunAt } from "./place/with-run-at.ts";
import { settingsPath } from "../pipeline/run-folder.ts";
import { verifyRun } from "../pipeline/verify-run.ts";
import { printJson, printText } from "./terminal.ts";

/** Prints what is damaged in a run. */
export async function verifyCommand(
  run: string,
  options: { readonly json?: boolean },
): Promise<void> {
  await withRunAt(run, { files: "files" }, ({ runDir }) => verify(runDir, options));
}

async function verify(runDir: string, options: { readonly json?: boolean }): Promise<void> {
  const { files, bytes, damage } = await verifyRun(runDir);
  const shown = damage.map(({ path, fault }) => ({ path: relative(runDir, path), fault }));
  const said = `${files.toLocaleString("en")} files of ${megabytes(bytes)} MB`;
  if (options.json === true) {
    printJson({ files, bytes, damage: shown });
  } else {
    for (const { path, fault } of shown) printText(`${path}: ${fault}\n`);
    if (damage.length === 0) printText(`${said}: all as they were written\n`);
  }
  if (damage.length === 0) return;
  const hasSettings = damage.every(({ path }) => path !== settingsPath(runDir));
  const cure = repairCure(runDir, hasSettings ? settingsPath(runDir) : "PIPELINE.yaml");
  throw new FlowError("RUN_INVALID", `${said}, ${damage.length} damaged. ${cure}`);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 1 });
}
