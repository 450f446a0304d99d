/** @file Tasks for the tests of the executor; loaded by worker threads. */
import { appendFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { FlowError } from "../../src/base/errors.ts";
import type { RunTask, TaskContext, WrittenFile } from "../../src/flow/task.ts";

async function write(context: TaskContext, table: string, text: string): Promise<WrittenFile> {
  const path = context.outputPath(table);
  await writeFile(path, text);
  return { table, path, rows: text.length };
}

/** Writes where it ran and with what, and reports progress without ever waiting. */
export const describe: RunTask = async (task, context) => {
  for (let rowsDone = 1; rowsDone <= 3; rowsDone++) context.progress({ rowsDone, rowsTotal: 3 });
  const { threads, memoryMb } = context;
  return [
    await write(context, "words", JSON.stringify({ params: task.params, threads, memoryMb })),
  ];
};

/** Says what memory it may take. */
export const sayMemory: RunTask = (_task, { memory, progress }) => {
  progress({ rowsDone: 0, detail: { memory: JSON.stringify(memory) } });
  return Promise.resolve([]);
};

/** Writes a part and then fails with an expected error. */
export const refuse: RunTask = async (_task, context) => {
  await write(context, "words", "half");
  throw new FlowError("INPUT_INVALID", "line 3: no number");
};

export const crash: RunTask = () => Promise.reject(new TypeError("x is no function"));

export const exit: RunTask = () => process.exit(3);

/** Says which thread it runs in. */
export const sayThread: RunTask = (_task, { progress }) => {
  progress({ rowsDone: 0, detail: { thread: String(threadId) } });
  return Promise.resolve([]);
};

/** Says "waiting" and stops when it is told to. */
export const waitForAbort: RunTask = async (_task, { signal, progress }) => {
  progress({ rowsDone: 0, detail: { doing: "waiting" } });
  await delay(600_000, undefined, { signal });
  return [];
};

/** Says "stuck" and hears nothing any more. */
export const stuck: RunTask = (_task, { progress }) => {
  progress({ rowsDone: 0, detail: { doing: "stuck" } });
  for (;;);
};

/** Ends only when as many tasks as `params.together` are running side by side. */
export const meet: RunTask = async (task, context) => {
  const { together } = task.params as { readonly together: number };
  await writeFile(join(context.cacheDir, String(task.index)), "");
  while ((await readdir(context.cacheDir)).length < together) await delay(5);
  return [];
};

/** Writes down when it is made and closed; closing takes a while. */
function shareThing({ cacheDir, shared }: TaskContext): Promise<{ readonly madeIn: number }> {
  const log = (line: string): Promise<void> => appendFile(join(cacheDir, "log"), `${line}\n`);
  return shared("thing", async () => {
    await log("made");
    const close = async (): Promise<void> => {
      await delay(50);
      await log("closed");
    };
    return { madeIn: threadId, close };
  });
}

/** Uses something that is costly to make, and writes down where it was made. */
export const useShared: RunTask = async (task, context) => {
  const { madeIn } = await shareThing(context);
  const from = madeIn === threadId ? "own" : "foreign";
  await appendFile(join(context.cacheDir, "log"), `${task.stage} ${String(task.index)} ${from}\n`);
  return [];
};

/** Makes something that is costly to make, says so, and stops when it is told to. */
export const shareAndWait: RunTask = async (_task, context) => {
  await shareThing(context);
  context.progress({ rowsDone: 0 });
  await delay(600_000, undefined, { signal: context.signal });
  return [];
};
