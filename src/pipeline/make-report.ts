import { cpus } from "node:os";
import { sourceOf } from "../dataset/sources/registry.ts";
import { withoutSecretUrls } from "../base/key-shapes.ts";
import { catalogOf, readStageManifests } from "../flow/stage-manifest.ts";
import type { RunFacts } from "../report/run-facts.ts";
import type { RunResults } from "../report/run-results.ts";
import { writeReport } from "../report/write-report.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { mountSourceIds } from "../tables/source-ids/source-ids.ts";
import { loadPipeline } from "./load-pipeline.ts";
import { packageVersion } from "../base/package-version.ts";
import { fileOf, requireRun, settingsPath } from "./run-folder.ts";
import { maskSecrets } from "./secret-settings.ts";
import type { PipelineSettings } from "./settings.ts";
import { withTemporaryDatabase } from "./temporary-database.ts";

/** Writes `results.json` and `report/index.html` of a run from its tables, however far the run is. */
export async function makeReport(runDir: string): Promise<RunResults> {
  await requireRun(runDir);
  const settings = await loadPipeline(settingsPath(runDir));
  const manifests = await readStageManifests(runDir);
  const facts: RunFacts = {
    name: settings.name,
    protocol: settings.protocol,
    dataset: datasetFacts(settings),
    settings: maskSecrets(fileOf(settings)),
    r4ecVersion: await packageVersion(),
    nodeVersion: process.version,
    cpuModel: cpus()[0]?.model ?? "unknown",
    stages: manifests.map(({ stage, taskSeconds, tasks }) => ({
      name: stage,
      seconds: taskSeconds,
      tasks,
    })),
  };
  return withTemporaryDatabase("report", settings, async (db) => {
    const tables = catalogOf(manifests);
    await mountTables(db, tables, runDir);
    await mountSourceIds(db, tables, runDir);
    return writeReport(db, facts, runDir);
  });
}

/** The source of a run in words. */
export function datasetFacts({ dataset }: PipelineSettings): RunFacts["dataset"] {
  const source = sourceOf(dataset);
  return {
    source: source.name,
    label: withoutSecretUrls(source.label(dataset)),
    simulated: source.isSimulated,
  };
}
