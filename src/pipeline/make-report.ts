import { cpus } from "node:os";
import { sourceOf } from "../dataset/sources/registry.ts";
import { withoutSecretUrls } from "../base/key-shapes.ts";
import type { FileCheck } from "../flow/file-check.ts";
import { catalogOf, readStageManifests } from "../flow/stage-manifest.ts";
import type { RunFacts } from "../report/run-facts.ts";
import type { RunResults } from "../report/run-results.ts";
import { writeReport } from "../report/write-report.ts";
import { mountChecked } from "../tables/mount-checked.ts";
import { packageVersion } from "../base/package-version.ts";
import { fileOf, readRunSettings } from "./run-folder.ts";
import { maskSecrets } from "./secret-settings.ts";
import type { PipelineSettings } from "./settings.ts";
import { withTemporaryDatabase } from "./temporary-database.ts";

/**
 * Writes `results.json` and `report/index.html` of a run from its tables, however far the run is.
 *
 * @param check - What is known of the run's files already. Default: nothing
 */
export async function makeReport(runDir: string, check?: FileCheck): Promise<RunResults> {
  const settings = await readRunSettings(runDir);
  const manifests = await readStageManifests(runDir);
  const facts: RunFacts = {
    name: settings.name,
    protocol: settings.protocol,
    dataset: datasetFacts(settings),
    settings: maskSecrets(fileOf(settings)),
    ...(settings.report?.paper !== undefined && { paper: settings.report.paper }),
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
    const checked = await mountChecked(db, catalogOf(manifests), runDir, check);
    return writeReport(checked, facts, runDir);
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
