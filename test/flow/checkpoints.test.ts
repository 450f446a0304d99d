import { access, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkpointPath, dropCheckpoints } from "../../src/flow/checkpoints.ts";
import { runStages } from "../../src/flow/run-stages.ts";
import { runTask } from "../../src/flow/run-task.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import type { TaskSpec } from "../../src/flow/task.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { commitTask, numbered, stageOf } from "./stage-of.ts";

async function leave(runDir: string, task: Pick<TaskSpec, "stage" | "key">): Promise<string> {
  const path = checkpointPath(runDir, task, ".state");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "half");
  return path;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const words = stageOf({ name: "words", plan: numbered(2) });
const [first, second] = taskSpecs(words, {});
if (first === undefined || second === undefined) throw new Error("two tasks are planned");
const signal = new AbortController().signal;

describe("dropCheckpoints", () => {
  test("deletes all of the stage but those to keep, and what a kill left half-written", async () => {
    const runDir = await scratchFolder();
    const kept = await leave(runDir, first);
    const dropped = await leave(runDir, second);
    await writeFile(`${dropped}.0123.tmp`, "ha");
    const other = await leave(runDir, { stage: "counts", key: second.key });
    await dropCheckpoints(runDir, "words", (key) => key === first.key);
    expect(await readdir(join(runDir, "checkpoints/words"))).toEqual([`${first.key}.state`]);
    expect([await exists(kept), await exists(other)]).toEqual([true, true]);
  });

  test("leaves alone what is no checkpoint, and what a symbolic link leads to", async () => {
    const [runDir, elsewhere] = [await scratchFolder(), await scratchFolder()];
    await leave(runDir, first);
    await writeFile(join(runDir, "checkpoints/words/best.pt"), "mine");
    await writeFile(join(elsewhere, `${second.key}.state`), "mine");
    await symlink(elsewhere, join(runDir, "checkpoints/counts"));
    await dropCheckpoints(runDir, "words", () => false);
    await dropCheckpoints(runDir, "counts", () => false);
    expect(await readdir(join(runDir, "checkpoints/words"))).toEqual(["best.pt"]);
    expect(await readdir(elsewhere)).toEqual([`${second.key}.state`]);
  });

  test("needs no folder", async () => {
    await expect(dropCheckpoints(await scratchFolder(), "words", () => false)).resolves.toBe(
      undefined,
    );
  });
});

describe("runTask", () => {
  test("drops the checkpoint of a task once it is committed, not when it fails", async () => {
    const runDir = await scratchFolder();
    const site = {
      runDir,
      cacheDir: runDir,
      threads: 1,
      memoryMb: 100,
      signal,
      progress: () => undefined,
    };
    const shared = <T>(_key: string, create: () => Promise<T>): Promise<T> => create();
    const module = new URL("./fixture-tasks.ts", import.meta.url).href;
    const own = await leave(runDir, first);
    const others = await leave(runDir, second);
    const failing = { ...first, module, export: "refuse" };
    await expect(runTask(failing, { ...site, shared })).rejects.toThrow("no number");
    expect(await exists(own)).toBe(true);
    await runTask({ ...first, module, export: "describe" }, { ...site, shared });
    expect([await exists(own), await exists(others)]).toEqual([false, true]);
  });
});

describe("runStages", () => {
  test("keeps the checkpoints of tasks that are still to be done, and no others", async () => {
    const runDir = await scratchFolder();
    await commitTask(runDir, first);
    const committed = await leave(runDir, first);
    const open = await leave(runDir, second);
    const gone = await leave(runDir, { stage: "words", key: "f00d".repeat(16) });
    const later = await leave(runDir, { stage: "counts", key: "f00d".repeat(16) });
    const seen: (readonly boolean[])[] = [];
    const paths = [committed, open, gone, later];
    await runStages({
      runDir,
      stages: [words],
      executor: {
        run: async function* (_stage, tasks) {
          seen.push(await Promise.all(paths.map(exists)));
          for (const task of tasks) {
            await commitTask(runDir, task);
            yield { kind: "finished", task };
          }
        },
        close: () => Promise.resolve(),
      },
      signal,
      onEvent: () => undefined,
    });
    expect(seen).toEqual([[false, true, false, true]]);
  });
});
