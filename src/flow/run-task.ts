import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rm, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { dropCheckpoints } from "./checkpoints.ts";
import { fileCommitStore, type TaskManifest } from "./manifest.ts";
import type { FileRef, RunTask, TaskContext, TaskSpec, WrittenFile } from "./task.ts";
import { specifierOf } from "./task-module.ts";

/** Folders and limits of a task: the part of its context that the executor decides. */
export type TaskSite = Pick<
  TaskContext,
  "runDir" | "cacheDir" | "threads" | "memoryMb" | "memory" | "signal" | "progress" | "shared"
> & {
  /** Parent of the attempts' scratch folders. Absolute. Default: `tmp` in the run folder. */
  readonly scratchDir?: string;
};

/**
 * Runs one attempt of a task and commits it: attempt-unique files, fsync, then a manifest that only the first attempt to finish can
 * create. The files of failed and losing attempts are deleted. Every executor calls this, on any machine that sees the run folder.
 */
export async function runTask(task: TaskSpec, site: TaskSite): Promise<TaskManifest> {
  const attempt = randomUUID().slice(0, 8);
  const tempDir = join(site.scratchDir ?? join(site.runDir, "tmp"), attempt);
  const written: string[] = [];
  const started = performance.now();
  await mkdir(tempDir, { recursive: true });
  const context: TaskContext = {
    ...site,
    tempDir,
    outputPath: (table) => {
      const part = `part-${String(task.index).padStart(5, "0")}`;
      const piece = written.length === 0 ? "" : `-${String(written.length)}`;
      const path = join(site.runDir, "tables", table, `${part}${piece}.${attempt}.parquet`);
      written.push(path);
      return path;
    },
  };
  try {
    for (const table of task.outputs)
      await mkdir(join(site.runDir, "tables", table), { recursive: true });
    const run = await loadTask(task);
    const files = await Promise.all(
      (await run(task, context)).map((file) => seal(file, site.runDir)),
    );
    site.signal.throwIfAborted();
    const manifest: TaskManifest = {
      key: task.key,
      stage: task.stage,
      index: task.index,
      files,
      seconds: Number(((performance.now() - started) / 1000).toFixed(3)),
      finishedAt: new Date().toISOString(),
    };
    const store = fileCommitStore(site.runDir);
    const isFirst = await store.putIfAbsent(manifest);
    await dropCheckpoints(site.runDir, task.stage, (key) => key !== task.key);
    if (isFirst) return manifest;
    await removeAll(written);
    const winner = await store.get(task.stage, task.key);
    if (winner === null) throw new Error(`internal: manifest ${task.key} vanished`);
    return winner;
  } catch (error) {
    await removeAll(written);
    throw error;
  } finally {
    await rm(tempDir, { recursive: true, force: true });
  }
}

async function loadTask(task: TaskSpec): Promise<RunTask> {
  const module = (await import(specifierOf(task.module))) as Readonly<Record<string, unknown>>;
  const run = module[task.export];
  if (typeof run !== "function") {
    throw new Error(`internal: ${task.module} exports no task ${task.export}`);
  }
  return run as RunTask;
}

async function seal(file: WrittenFile, runDir: string): Promise<FileRef> {
  const handle = await open(file.path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file.path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
  }
  return {
    table: file.table,
    path: relative(runDir, file.path).split(sep).join("/"),
    rows: file.rows,
    bytes: (await stat(file.path)).size,
    sha256: hash.digest("hex"),
    ...(file.bucket !== undefined && { bucket: file.bucket }),
    ...(file.outcomes !== undefined && { outcomes: file.outcomes }),
  };
}

async function removeAll(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(path, { force: true })));
}
