import type { FileCheck } from "../flow/file-check.ts";
import { collectResults } from "../report/collect/collect-results.ts";
import { withPaper } from "../report/paper/collect-paper.ts";
import type { RunResults } from "../report/run-results.ts";
import { writeReport } from "../report/write-report.ts";
import { withRunTables } from "./with-run-tables.ts";

/**
 * Writes `results.json` and `report/index.html` of a run from its tables, however far the run is.
 *
 * @param check - What is known of the run's files already. Default: nothing
 */
export async function makeReport(runDir: string, check?: FileCheck): Promise<RunResults> {
  return withRunTables(runDir, ({ db, facts }) => writeReport(db, facts, runDir), { check });
}

/** What {@link makeReport} writes as `results.json`. Changes nothing in the run folder. */
export async function readResults(runDir: string): Promise<RunResults> {
  return withRunTables(runDir, async ({ db, facts }) =>
    withPaper(await collectResults(db, facts), facts.paper),
  );
}
