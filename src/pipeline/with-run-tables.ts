import { cpus } from "node:os";
import { packageVersion } from "../base/package-version.ts";
import { withoutSecretUrls } from "../base/key-shapes.ts";
import { sourceOf } from "../dataset/sources/registry.ts";
import type { FileCheck } from "../flow/file-check.ts";
import { catalogOf, readStageManifests } from "../flow/stage-manifest.ts";
import type { RunFacts } from "../report/run-facts.ts";
import type { Database } from "../tables/database.ts";
import { mountChecked } from "../tables/mount-checked.ts";
import { fileOf, readRunSettings } from "./run-folder.ts";
import { maskSecrets } from "./secret-settings.ts";
import type { PipelineSettings } from "./settings.ts";
import { withTemporaryDatabase } from "./temporary-database.ts";

/** A run that is being read. */
export interface OpenRun {
  /** With the tables of its complete stages as views. */
  readonly db: Database;
  readonly facts: RunFacts;
  readonly settings: PipelineSettings;
}

interface ReadOptions {
  /** What is known of the run's files already. Default: nothing. */
  readonly check?: FileCheck | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Opens the tables of a run, however far it is. Changes nothing in its folder.
 *
 * @throws `RUN_INVALID` when the folder is no run's, or damaged
 */
export async function withRunTables<T>(
  runDir: string,
  use: (run: OpenRun) => Promise<T>,
  { check, signal }: ReadOptions = {},
): Promise<T> {
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
  const read = async (db: Database): Promise<T> => {
    const checked = await mountChecked(db, catalogOf(manifests), runDir, check);
    return use({ db: checked, facts, settings });
  };
  return withTemporaryDatabase("report", settings, read, signal);
}

/** The source of a run in words. */
export function datasetFacts({ dataset }: PipelineSettings): RunFacts["dataset"] {
  const source = sourceOf(dataset);
  return {
    source: source.name,
    label: withoutSecretUrls(source.label(dataset)),
    simulated: source.isSimulated,
    ...(source.simulation !== undefined && { simulation: source.simulation }),
  };
}
