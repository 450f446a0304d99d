import { writeFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../../src/base/json.ts";
import { fileCommitStore, type TaskManifest } from "../../src/flow/manifest.ts";
import { singleTask, type StageDef, type TaskPlan } from "../../src/flow/stage.ts";
import { sha256 } from "../../src/base/sha256.ts";
import type { Outcomes } from "../../src/flow/outcomes.ts";
import type { FileRef, TaskSpec } from "../../src/flow/task.ts";

/** A stage that writes a table of its own name. */
export function stageOf(parts: Partial<StageDef> & Pick<StageDef, "name">): StageDef {
  return {
    version: "1",
    module: "flow/none",
    export: "none",
    config: {},
    inputs: [],
    outputs: [parts.name],
    plan: singleTask,
    threads: 1,
    maxAttempts: 2,
    ...parts,
  };
}

/** Plans `count` tasks told apart by their number. */
export function numbered(
  count: number,
  params: Readonly<Record<string, Json>> = {},
): () => readonly TaskPlan[] {
  return () =>
    Array.from({ length: count }, (_, number) => ({ params: { ...params, number }, inputs: {} }));
}

/** A part of a table as a manifest names it; its content, and so its hash, is `content`. */
export function part(table: string, content: string, path = `tables/${table}/${content}`): FileRef {
  return { table, path, rows: 1, bytes: Buffer.byteLength(content), sha256: sha256(content) };
}

/** Does what a finished task does: writes a part and commits it. False when the task was committed before. */
export async function commitTask(
  runDir: string,
  task: Pick<TaskSpec, "stage" | "key" | "index" | "outputs">,
  content = `${task.stage} ${String(task.index)}`,
  outcomes?: Outcomes,
): Promise<boolean> {
  const files = task.outputs.map((table) => ({
    ...part(table, content),
    ...(outcomes && { outcomes }),
  }));
  for (const file of files) {
    await mkdir(join(runDir, "tables", file.table), { recursive: true });
    await writeFile(join(runDir, file.path), content);
  }
  return fileCommitStore(runDir).putIfAbsent(manifestOf(task, files));
}

export function manifestOf(
  { stage, key, index }: Pick<TaskSpec, "stage" | "key" | "index">,
  files: readonly FileRef[],
): TaskManifest {
  return { key, stage, index, files, seconds: 0.5, finishedAt: "2026-01-02T03:04:05.678Z" };
}
