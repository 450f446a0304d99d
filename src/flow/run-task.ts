import { rm, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { syncFile } from "../base/files/durable-file.ts";
import { makeFolderIn, requireFolder } from "../base/files/folder-in.ts";
import { beginAttempt, partName } from "./attempts.ts";
import { dropCheckpoints } from "./checkpoints.ts";
import { sha256OfFile, type NamedFile } from "./file-check.ts";
import { fileCommitStore, readDigits, type TaskManifest } from "./manifest.ts";
import type { RunTask, TaskContext, TaskSpec } from "./task.ts";
import { specifierOf } from "./task-module.ts";

/** Folders and limits of a task: the part of its context that the executor decides. */
export type TaskSite = Pick<
  TaskContext,
  | "runDir"
  | "cacheDir"
  | "threads"
  | "share"
  | "budget"
  | "memoryMb"
  | "memory"
  | "signal"
  | "progress"
  | "shared"
> & {
  /** Parent of the attempts' scratch folders. Absolute. Default: `tmp` in the run folder. */
  readonly scratchDir?: string;
};

/**
 * Runs one attempt of a task and commits it: attempt-unique files, fsync, then a manifest that only the first attempt to finish can
 * create. The files of failed and losing attempts are deleted. Every executor calls this, on any machine that sees the run folder.
 */
export async function runTask(task: TaskSpec, site: TaskSite): Promise<TaskManifest> {
  const { runDir, scratchDir = join(runDir, "tmp") } = site;
  const started = performance.now();
  const written: string[] = [];
  await requireFolder(runDir);
  const attempt = await beginAttempt(runDir, scratchDir, task);
  const context: TaskContext = {
    ...site,
    tempDir: attempt.tempDir,
    outputPath: (table) => {
      const path = join(runDir, "tables", table, partName(task, written.length, attempt.id));
      written.push(path);
      return path;
    },
  };
  try {
    for (const table of task.outputs) await makeFolderIn(runDir, join(runDir, "tables", table));
    const run = await loadTask(task);
    const made = await run(task, context);
    const files = await Promise.all(
      made.map(async ({ table, path, rows, bucket, outcomes }) => {
        const { path: place, bytes, sha256 } = await seal(path, runDir);
        return {
          ...{ table, path: place, rows, bytes, sha256 },
          ...(bucket !== undefined && { bucket }),
          ...(outcomes !== undefined && { outcomes }),
        };
      }),
    );
    const artifacts = await Promise.all(
      (task.artifacts ?? []).map((path) => seal(join(runDir, path), runDir)),
    );
    site.signal.throwIfAborted();
    const manifest: TaskManifest = {
      key: task.key,
      stage: task.stage,
      index: task.index,
      files,
      ...(artifacts.length > 0 && { artifacts }),
      reads: Object.values(task.inputs).flatMap((parts) =>
        parts.map(({ sha256 }) => sha256.slice(0, readDigits)),
      ),
      seconds: Number(((performance.now() - started) / 1000).toFixed(3)),
      finishedAt: new Date().toISOString(),
    };
    const store = fileCommitStore(runDir);
    const isFirst = await store.putIfAbsent(manifest);
    await dropCheckpoints(runDir, task.stage, (key) => key !== task.key);
    if (isFirst) return manifest;
    await removeAll(written);
    const winner = await store.get(task.stage, task.key);
    if (winner === null) throw new Error(`internal: manifest ${task.key} vanished`);
    return winner;
  } catch (error) {
    await requireFolder(runDir); // an error for this reason has no better words
    await removeAll(written);
    throw error;
  } finally {
    await attempt.end();
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

/** Waits until a file is on disk, and says what it holds. */
async function seal(path: string, runDir: string): Promise<NamedFile> {
  await syncFile(path);
  return {
    path: relative(runDir, path).split(sep).join("/"),
    bytes: (await stat(path)).size,
    sha256: await sha256OfFile(path),
  };
}

async function removeAll(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(path, { force: true })));
}
