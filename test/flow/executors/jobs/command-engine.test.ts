import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { commandEngine } from "../../../../src/flow/executors/jobs/command-engine.ts";
import type { Job, JobEngine } from "../../../../src/flow/executors/jobs/job-engine.ts";
import { scratchFolder } from "../../../util/scratch-folder.ts";

const job = (id: string, indices: string): Job => ({ id, stage: "words", indices, resources: {} });

async function untilEnded(engine: JobEngine, handles: readonly string[]): Promise<void> {
  while ((await engine.alive(handles)).size > 0) await delay(20);
}

const logOf = (runDir: string, id: string): Promise<string> =>
  readFile(join(runDir, "jobs", "words", `${id}.log`), "utf8");

describe("commandEngine", { timeout: 60_000 }, () => {
  test("runs a command for each job, and keeps what it prints", async () => {
    const runDir = await scratchFolder();
    const command = 'echo "on $(echo node1) {index}: {task}"; echo oops >&2; exit 3';
    const engine = commandEngine({ runDir, run: runDir, command, atOnce: 2, program: "npx r4ec" });
    const submitted = await engine.submit([job("a-0", "0-3"), job("a-1", "4"), job("a-2", "5")]);
    expect(submitted.map(({ id }) => id)).toEqual(["a-0", "a-1", "a-2"]);
    await untilEnded(
      engine,
      submitted.map(({ handle }) => handle),
    );
    const task = (id: string, index: string): string =>
      `on node1 ${index}: npx r4ec task --run ${runDir} --stage words --index ${index} --job ${id}\noops\n`;
    expect(await logOf(runDir, "a-0")).toBe(task("a-0", "0-3"));
    expect(await logOf(runDir, "a-2")).toBe(task("a-2", "5"));
  });

  test("runs no more commands at a time than it may", async () => {
    const runDir = await scratchFolder();
    const file = join(runDir, "now");
    const command = `echo + >>${file}; sleep 0.3; echo - >>${file}`;
    const engine = commandEngine({ runDir, run: runDir, command, atOnce: 2, program: "r4ec" });
    const jobs = Array.from({ length: 5 }, (_, n) => job(`a-${n}`, `${n}`));
    const submitted = await engine.submit(jobs);
    await untilEnded(
      engine,
      submitted.map(({ handle }) => handle),
    );
    let [now, most] = [0, 0];
    for (const sign of (await readFile(file, "utf8")).trim().split("\n")) {
      now += sign === "+" ? 1 : -1;
      most = Math.max(most, now);
    }
    expect([now, most]).toEqual([0, 2]);
  });

  test("another driver on this machine finds a command that began after others had ended", async () => {
    const runDir = await scratchFolder();
    const options = { runDir, run: runDir, command: "sleep {index}", atOnce: 1, program: "r4ec" };
    const engine = commandEngine(options);
    const [, second = ""] = (await engine.submit([job("a-0", "0"), job("a-1", "600")])).map(
      ({ handle }) => handle,
    );
    const later = commandEngine(options);
    while ((await later.alive([second])).size === 0) await delay(20);
    await later.cancel([second]);
    await untilEnded(engine, [second]);
  });

  test("another driver on this machine finds a command at work, and can end it with its children", async () => {
    const runDir = await scratchFolder();
    const options = {
      runDir,
      run: runDir,
      command: "sleep 600 & wait",
      atOnce: 1,
      program: "r4ec",
    };
    const engine = commandEngine(options);
    const handles = (await engine.submit([job("a-0", "0"), job("a-1", "1")])).map(
      ({ handle }) => handle,
    );
    const later = commandEngine(options);
    expect([...(await later.alive(handles))]).toEqual(handles.slice(0, 1));
    await engine.cancel(handles.slice(1)); // so that it does not begin when the first ends
    await later.cancel(handles);
    expect((await later.alive(handles)).size).toBe(0);
    await untilEnded(engine, handles);
    await later.cancel([...handles, "what another version wrote"]);
  });
});
