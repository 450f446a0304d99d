/** @file Several runs side by side, read from their folders. */
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { findTestRows } from "../../experiments/runs/test-rows.ts";
import { collectCosts } from "../../report/compare/collect-costs.ts";
import { collectResults } from "../../report/collect/collect-results.ts";
import { comparedResults } from "../../report/compare/compared-results.ts";
import { differingSettings } from "../../report/compare/differing-settings.ts";
import type { ComparedRun, RunComparison } from "../../report/compare/run-comparison.ts";
import { requireRun } from "../run-folder.ts";
import { differencesOf, type ReadOptions, type ReadRun } from "./run-differences.ts";
import { shortNames } from "./short-names.ts";
import { withRunTables } from "../with-run-tables.ts";

/** A run to compare. */
export interface PlacedRun {
  /** As the user gave it. */
  readonly place: string;
  /** Absolute. */
  readonly runDir: string;
}

/**
 * Compares runs with the first of them: settings, results, cost and time, and where a run has the same test rows, the differences
 * between equal backbones and variants with intervals, by the first run's `compare` settings. Changes nothing in their folders.
 *
 * @param runs - At least two
 * @throws `CONFIG_INVALID` for fewer than two, or the same folder twice; `RUN_INVALID` for a folder that is no run's, or damaged
 */
export async function compareRuns(
  runs: readonly PlacedRun[],
  options: ReadOptions,
): Promise<RunComparison> {
  const names = await runNames(runs);
  const read: ReadRun[] = [];
  for (const [index, run] of runs.entries()) {
    read.push(await readRun(run, names[index] ?? run.place, options));
  }
  return {
    format: 1,
    runs: read.map(({ run }) => run),
    settings: differingSettings(read.map(({ results }) => results.settings)).filter(
      ({ setting }) => setting !== "name",
    ),
    results: comparedResults(read.map(({ run, results }) => ({ run: run.run, results }))),
    ...(await differencesOf(read, options)),
  };
}

/** Short names of the runs, once it is clear that there are several. */
async function runNames(runs: readonly PlacedRun[]): Promise<readonly string[]> {
  const only = runs[0]?.place;
  if (runs.length < 2) {
    throw new FlowError(
      "CONFIG_INVALID",
      `compare needs at least two run folders, such as: r4ec compare ${only ?? "runs/a"} runs/other` +
        (only === undefined ? "" : `; for one run alone: r4ec results ${only}`),
    );
  }
  const places: string[] = [];
  for (const { place: folder, runDir } of runs) {
    await requireRun(runDir);
    const place = resolve(folder) === runDir ? await realpath(runDir) : folder;
    const twin = runs[places.indexOf(place)]?.place;
    if (twin !== undefined) {
      throw new FlowError(
        "CONFIG_INVALID",
        twin === folder
          ? `${folder} is given twice; give each run once`
          : `${twin} and ${folder} are the same folder; give each run once`,
      );
    }
    places.push(place);
  }
  return shortNames(places);
}

function readRun(
  { place: folder, runDir }: PlacedRun,
  name: string,
  { signal }: ReadOptions,
): Promise<ReadRun> {
  return withRunTables(
    runDir,
    async ({ db, facts, settings }) => {
      const results = await collectResults(db, facts);
      const testRows = await findTestRows(db);
      const run: ComparedRun = {
        ...{ run: name, folder, name: facts.name, protocol: facts.protocol },
        ...{ dataset: facts.dataset.label, simulated: facts.dataset.simulated },
        interactions: results.dataset.interactions,
        ...{ seeds: results.seeds, selectedOn: results.selectedOn },
        testRows: testRows && { rows: testRows.rows, users: testRows.users },
        costs: await collectCosts(db),
        stages: facts.stages,
        pendingStages: results.pendingStages,
      };
      return { run, runDir, results, testRows, compare: settings.compare };
    },
    { signal },
  );
}
