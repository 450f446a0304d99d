import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlowError, reasonOf } from "../errors.ts";
import type { Database } from "../tables/database.ts";
import { collectDetails } from "./collect-details.ts";
import { collectResults } from "./collect-results.ts";
import { renderReport } from "./render-report.ts";
import type { RunFacts } from "./run-facts.ts";
import type { RunResults } from "./run-results.ts";

/**
 * Writes `results.json` and `report/index.html` into a run folder. A reader sees the old file or the new one, never half.
 *
 * @param db - With the run's tables mounted; missing ones become empty views
 * @throws {FlowError} `OUTPUT_FAILED` when the folder cannot be written
 */
export async function writeReport(
  db: Database,
  facts: RunFacts,
  runDir: string,
): Promise<RunResults> {
  const results = await collectResults(db, facts);
  const page = await renderReport(results, await collectDetails(db, results));
  await replaceFile(join(runDir, "report", "index.html"), page);
  await replaceFile(join(runDir, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
  return results;
}

async function replaceFile(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, content);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // the draft may never have been made; the cause is `error`
    throw new FlowError(
      "OUTPUT_FAILED",
      `${path}: cannot write the report (${reasonOf(error)}). Free some space or give the run a folder you may write to.`,
      { cause: error },
    );
  }
}
