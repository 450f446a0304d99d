import { dirname, join, relative, sep } from "node:path";
import { makeFolderIn } from "../base/files/folder-in.ts";
import { memoryBudget, unlimitedMemory } from "../base/memory-budget.ts";
import { checkpointPath } from "../flow/checkpoints.ts";
import type { RunTask } from "../flow/task.ts";
import { withDatabase } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { adapterFolder } from "./adapter/adapter-folder.ts";
import { loadLessons } from "./data/load-lessons.ts";
import { writeFinetuneTables } from "./finetune-tables.ts";
import { finetuneConfig, finetuneParams, finetuneRuntime } from "./finetune-params.ts";
import { noLessons } from "./lesson-tables.ts";
import { settingNames } from "./setting-names.ts";
import { ownTools, trainRows, type Tools } from "./train-rows.ts";

/**
 * Creates the task that trains one adapter.
 *
 * Config {@link finetuneConfig}, params {@link finetuneParams}, runtime {@link finetuneRuntime}; inputs the tables that the role learns
 * from. Writes the adapter's files, and one part each of `finetune_log` and `adapters`. With one thread, everything but wall times
 * depends only on rows, base model and settings, however often the task was stopped and resumed.
 */
export function createFinetuneTask(tools: Tools): RunTask {
  return async (task, context) => {
    const adapter = finetuneParams.parse(task.params);
    const { training: settings, base: baseHash } = finetuneConfig.parse(task.config);
    const { base, maxLong, checkpointEveryS } = finetuneRuntime.parse(task.runtime);
    const { runDir, memory, threads, signal, progress } = context;
    const rows = await withDatabase(context, async (db) => {
      await mountTables(db, { ...noLessons, ...task.inputs }, runDir);
      return loadLessons(db, adapter);
    });
    const checkpoint = checkpointPath(runDir, task, ".safetensors");
    await makeFolderIn(runDir, dirname(checkpoint));
    const made = await trainRows(
      {
        ...{ what: `the ${adapter.subject} ${adapter.role}`, rows, base, settings, maxLong },
        names: settingNames,
        budget: memory === undefined ? unlimitedMemory : memoryBudget(memory, "runtime.threads"),
        runtime: { threads, checkpoint, checkpointEveryS, signal },
        progress,
        folder: async () => {
          const folder = join(runDir, adapterFolder({ ...adapter, taskKey: task.key }));
          await makeFolderIn(runDir, folder);
          return folder;
        },
      },
      tools,
    );
    const path = relative(runDir, made.folder).split(sep).join("/");
    return writeFinetuneTables({ ...made, ...adapter, path, base, baseHash }, context);
  };
}

/** Trains one adapter; see {@link createFinetuneTask}. */
export const finetune = createFinetuneTask(ownTools);
