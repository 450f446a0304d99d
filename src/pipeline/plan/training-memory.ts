/** @file Models that the memory cannot hold: told before a language model is asked for what they are trained on. */
import { encoderWidth } from "../../encode/encoders/encoder-kinds.ts";
import { freeMemory } from "../../base/free-memory.ts";
import { sharesAtOnce } from "../../flow/executors/local/local-executor.ts";
import type { FileCheck } from "../../flow/file-check.ts";
import { fileCommitStore } from "../../flow/manifest.ts";
import { inputsOf, type Catalog, type StageDef } from "../../flow/stage.ts";
import { taskSpecs } from "../../flow/task-key.ts";
import { trainTasks } from "../../train/train-tasks.ts";
import { runtimeOf, type PipelineSettings } from "../settings.ts";
import { trainStageOf } from "../stages.ts";
import { withTemporaryDatabase } from "../temporary-database.ts";

/**
 * See `memoryFaults`; empty while there are no samples. The models that wait for knowledge are those trained at once.
 *
 * @param check - What is known of the run's files already. Default: nothing
 * @param freeBytes - Default: what is free now
 */
export async function memoryFaultsOfTables(
  settings: PipelineSettings,
  runDir: string,
  { items, samples }: Catalog,
  check?: FileCheck,
  { freeBytes } = freeMemory(),
): Promise<readonly string[]> {
  if (items === undefined || samples === undefined) return [];
  const { train, variants, vectors } = settings.resolved;
  const models = trainTasks(train, variants, settings.protocol);
  const waiting = models.filter(({ variant }) => variant.vectors?.source.kind === "knowledge");
  const tasks = waiting.length > 0 ? waiting.length : models.length;
  const shares = sharesAtOnce(trainStageOf(settings), runtimeOf(settings).threads, tasks);
  // Loaded only here: most runs of finished folders need neither.
  const { mountChecked } = await import("../../tables/mount-checked.ts");
  const { memoryFaults } = await import("../../train/memory-faults.ts");
  const widths = new Map<string, number>();
  for (const { name, encode } of vectors) {
    const width = await encoderWidth(encode);
    if (width !== null) widths.set(name, width);
  }
  return withTemporaryDatabase("check", settings, async (db) =>
    memoryFaults(await mountChecked(db, { items, samples }, runDir, check), {
      ...{ train, variants, widths, protocol: settings.protocol },
      share: { bytes: freeBytes / shares, shares },
    }),
  );
}

/** Whether some task of a stage is not committed. */
export async function hasWork(def: StageDef, runDir: string, catalog: Catalog): Promise<boolean> {
  const store = fileCommitStore(runDir);
  for (const { stage, key } of taskSpecs(def, inputsOf(def, catalog))) {
    if ((await store.get(stage, key)) === null) return true;
  }
  return false;
}
