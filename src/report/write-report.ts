import { join } from "node:path";
import { FlowError, reasonOf } from "../base/errors.ts";
import { replaceFileIn } from "../base/files/folder-in.ts";
import { writePage } from "../page/write-page.ts";
import type { Database } from "../tables/database.ts";
import { collectDetails } from "./collect/collect-details.ts";
import { collectResults } from "./collect/collect-results.ts";
import { withPaper } from "./paper/collect-paper.ts";
import { renderReport } from "./render-report.ts";
import type { RunFacts } from "./run-facts.ts";
import type { RunResults } from "./run-results.ts";

/**
 * Writes `results.json` and `report/index.html` into a run folder. Each file is replaced atomically.
 *
 * @param db - With the run's tables mounted; missing tables become empty views
 * @throws {FlowError} `OUTPUT_FAILED` when the folder cannot be written, or holds a page that is not r4ec's
 */
export async function writeReport(
  db: Database,
  facts: RunFacts,
  runDir: string,
): Promise<RunResults> {
  const results = withPaper(await collectResults(db, facts), facts.paper);
  const page = await renderReport(results, await collectDetails(db, results));
  const replace = (path: string, content: string): Promise<void> =>
    replaceFileIn(runDir, path, content);
  const json = join(runDir, "results.json");
  await orCure(json, replace(json, `${JSON.stringify(results, null, 2)}\n`));
  const path = join(runDir, "report", "index.html");
  const refuse = (fault: string): FlowError =>
    new FlowError("OUTPUT_FAILED", `${fault}. Move it away`);
  await orCure(path, writePage(path, page, { refuse, replace }));
  return results;
}

async function orCure(path: string, written: Promise<void>): Promise<void> {
  try {
    await written;
  } catch (error) {
    if (error instanceof FlowError) throw error;
    throw new FlowError(
      "OUTPUT_FAILED",
      `${path}: cannot write the report (${reasonOf(error)}). Free some disk space or make the folder writable.`,
      { cause: error },
    );
  }
}
