import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { sourceOf } from "../dataset/sources/registry.ts";
import { toJson } from "../base/json.ts";
import { catalogOf, readStageManifests } from "../flow/stage-manifest.ts";
import type { RunFacts } from "../report/run-facts.ts";
import type { RunResults } from "../report/run-results.ts";
import { writeReport } from "../report/write-report.ts";
import { openDatabase } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { loadPipeline } from "./load-pipeline.ts";
import { packageVersion } from "../base/package-version.ts";
import { requireRun, settingsPath } from "./run-folder.ts";
import { runtimeOf, type PipelineSettings } from "./settings.ts";

/** Writes `results.json` and `report/index.html` of a run from its tables alone, however far it is. */
export async function makeReport(runDir: string): Promise<RunResults> {
  await requireRun(runDir);
  const settings = await loadPipeline(settingsPath(runDir));
  const manifests = await readStageManifests(runDir);
  const facts: RunFacts = {
    name: settings.name,
    protocol: settings.protocol,
    dataset: datasetFacts(settings),
    settings: toJson(settings),
    r4ecVersion: await packageVersion(),
    nodeVersion: process.version,
    cpuModel: cpus()[0]?.model ?? "unknown",
    stages: manifests.map(({ stage, taskSeconds, tasks }) => ({
      name: stage,
      seconds: taskSeconds,
      tasks,
    })),
  };
  const db = await openDatabase({
    ...runtimeOf(settings),
    tempDir: join(tmpdir(), `r4ec-report-${String(process.pid)}`),
  });
  try {
    await mountTables(db, catalogOf(manifests), runDir);
    return await writeReport(db, facts, runDir);
  } finally {
    db.close();
  }
}

/** The source of a run in words. */
export function datasetFacts({ dataset }: PipelineSettings): RunFacts["dataset"] {
  const source = sourceOf(dataset);
  return { source: source.name, label: source.label(dataset), simulated: source.isSimulated };
}
