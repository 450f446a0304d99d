import { join } from "node:path";
import { runTask } from "../../src/flow/run-task.ts";
import { catalogOf } from "../../src/flow/stage-manifest.ts";
import { inputsOf, type Catalog } from "../../src/flow/stage.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import type { FileRef } from "../../src/flow/task.ts";
import { parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import { stagesOf } from "../../src/pipeline/stages.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";
import type { Database } from "../../src/tables/database.ts";
import { taskSite } from "./hand-made-task.ts";

/** The tables that the stages from `ingest` to the audits of contexts make, but `audits`. */
export const datasetTables = [
  ...["interactions", "items", "users", "timeline", "samples", "user_contexts", "item_contexts"],
] as const;

/** Runs the stages up to the contexts and their audits in this thread, task after task, and returns what they wrote. */
export async function runDataset(runDir: string, overrides: readonly string[]): Promise<Catalog> {
  const stages = await stagesOf(parsePipeline("", "test", overrides));
  const done: { readonly stage: string; readonly files: readonly FileRef[] }[] = [];
  for (const { def } of stages.slice(0, 1 + stages.findIndex(isAuditOfContexts))) {
    const files: FileRef[] = [];
    for (const task of taskSpecs(def, inputsOf(def, catalogOf(done)))) {
      files.push(...(await runTask(task, taskSite(runDir))).files);
    }
    done.push({ stage: def.name, files });
  }
  return catalogOf(done);
}

const isAuditOfContexts = ({ def }: { readonly def: { readonly name: string } }): boolean =>
  def.name === "audit-contexts";

/** How many rows of a table are in one run and not in the other, both counted, repetitions too. */
export async function differences(
  db: Database,
  table: string,
  runs: readonly (readonly [runDir: string, catalog: Catalog])[],
): Promise<number> {
  for (const [place, [runDir, catalog]] of runs.entries()) {
    await mountTables(db, { [table]: catalog[table] ?? [] }, runDir);
    await db.run(`create or replace table side_${place} as from ${table}`);
  }
  const [counted] = await db.rows(
    "select (select count(*) from (from side_0 except all from side_1)) + (select count(*) from (from side_1 except all from side_0)) as n",
  );
  return Number(counted?.["n"]);
}

/** A run folder below another. */
export const runFolder = (dir: string, name: string): string => join(dir, "runs", name);
