/** @file Runs the task in the JSON file that is its argument, in the run folder named there. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runTask } from "../../../src/flow/run-task.ts";
import type { TaskSpec } from "../../../src/flow/task.ts";

const [, , file = ""] = process.argv;
const { task, runDir } = JSON.parse(await readFile(file, "utf8")) as {
  readonly task: TaskSpec;
  readonly runDir: string;
};
await runTask(task, {
  runDir,
  cacheDir: join(runDir, "cache"),
  threads: 1,
  memoryMb: 1024,
  signal: new AbortController().signal,
  progress: () => undefined,
  shared: (_key, create) => create(),
});
