import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { namesIn } from "../../src/base/files/durable-file.ts";
import { startChatServer, type ChatServer } from "../util/chat-server.ts";
import { scriptedAnswer } from "../util/scripted-model.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { partsOf } from "./parts-of.ts";
import { tableRows } from "./table-rows.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;
let file: string;
/** A run of one process, of the first test, and the prompts it asked. */
let whole: string;
let asked = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-jobs-"));
  file = await writeTinyPipeline(folder);
  cli = await buildCli();
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

/** So slow that jobs last for seconds. */
const limits = { inFlight: 4 };

/** Arguments of a run whose texts a server writes. */
function runArgs(server: ChatServer, out: string, array?: object): readonly string[] {
  const role = JSON.stringify({ provider: "openai", model: "m", baseUrl: server.url, limits });
  const program = `${process.execPath} ${cli.main}`;
  return [
    ...["run", file, "--out", out, "--to", "encode", "--retry", "none"],
    ...["--set", `knowledge.actor=${role}`, "--set", `knowledge.reflector=${role}`],
    ...(array === undefined
      ? []
      : ["--set", `runtime.executor=${JSON.stringify({ array: { program, ...array } })}`]),
  ];
}

/** Vectors of a run, by subject. */
async function vectorsOf(runDir: string): Promise<readonly Float64Array[]> {
  const rows = await tableRows(
    runDir,
    "select user_id as id, vector from user_embeddings union all select -item_id, vector from item_embeddings order by id",
  );
  const vector = z.object({ vector: z.array(z.number()) });
  return rows.map((row) => Float64Array.from(vector.parse(row).vector));
}

/** Process ids of the jobs of a run that are at work. */
async function jobsAtWork(runDir: string, stage: string): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,args="]);
  return stdout.split("\n").flatMap((line) => {
    const isJob = line.includes(` task --run ${runDir} `) && line.includes(`--stage ${stage} `);
    return isJob && !line.includes("sh -c") ? [Number(line.trim().split(" ")[0])] : [];
  });
}

async function until<T>(found: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const value = await found();
    if (value !== null) return value;
    await delay(50);
  }
}

describe("a run whose tasks are jobs", { timeout: 300_000 }, () => {
  test("is that of one process, table for table, though a job and the driver are killed on the way", async () => {
    const server = await startChatServer({ answer: scriptedAnswer, delayMs: 100 });
    onTestFinished(() => server.close());
    whole = join(folder, "whole");
    expect((await cli.run(runArgs(server, whole))).code).toBe(0);
    asked = server.calls.length;

    const out = join(folder, "jobs");
    const array = { atOnce: 2, tasksPerJob: 2 };
    const driver = cli.start(runArgs(server, out, array));
    const job = / {2}knowledge {2}on \S+ {2}2 tasks {2}task \d+: \d+ (of \d+ )?\w+/m;
    await until(async () => (job.test((await cli.run(["status", out])).stdout) ? true : null));
    const [victim = 0] = await until(async () => {
      const jobs = await jobsAtWork(out, "knowledge");
      return jobs.length === 2 && server.calls.length > asked + 10 ? jobs : null;
    });
    expect(server.mostInFlight()).toBe(limits.inFlight); // of both jobs together
    process.kill(victim, "SIGKILL");
    const before = server.calls.length;
    await until(() => Promise.resolve(server.calls.length > before + 20 ? true : null));
    driver.kill("SIGKILL");
    await driver.ended;
    const alive = await jobsAtWork(out, "knowledge");
    expect(alive.length).toBeGreaterThan(0);

    const again = await cli.run(runArgs(server, out, array));
    expect(again).toMatchObject({ code: 0 });
    expect(await partsOf(out)).toEqual(await partsOf(whole));
    const [ours, theirs] = [await vectorsOf(out), await vectorsOf(whole)];
    expect(ours).toHaveLength(100);
    const gaps = ours.flatMap((vector, row) =>
      Array.from(vector, (value, place) => Math.abs(value - (theirs[row]?.[place] ?? NaN))),
    );
    expect(Math.max(...gaps)).toBeLessThan(1e-5);
    // What the killed job had in flight is asked again, and nothing else.
    const paid = server.calls.length - asked;
    expect(paid).toBeGreaterThanOrEqual(asked);
    expect(paid - asked).toBeLessThanOrEqual(limits.inFlight);
    expect(await namesIn(join(out, "attempts"))).toEqual([]);
  });

  test("jobs spend one budget together, and no more of it", async () => {
    const server = await startChatServer({ answer: scriptedAnswer });
    onTestFinished(() => server.close());
    const out = join(folder, "budget");
    const args = runArgs(server, out, { atOnce: 3, tasksPerJob: 1 });
    const withBudget = (most: number): readonly string[] => [
      ...args,
      ...["--set", `knowledge.budget.maxRequests=${most}`],
    ];
    const spent = await cli.run(withBudget(60));
    expect(spent.code).toBe(1);
    expect(spent.stderr).toMatch(/The budget is spent: \d+ of knowledge\.budget\.maxRequests = 60/);
    expect(server.calls.length).toBeGreaterThan(40);
    expect(server.calls.length).toBeLessThanOrEqual(60);

    const most = asked + 60; // jobs may hold some that are left, a little each
    expect(await cli.run(withBudget(most))).toMatchObject({ code: 0 });
    expect(server.calls.length).toBeLessThanOrEqual(most);
    expect(await partsOf(out)).toEqual(await partsOf(whole));
    expect(await namesIn(join(out, "jobs", "knowledge"))).not.toContain("budget");
  });

  test("Ctrl-C ends the jobs too, and a later run goes on", async () => {
    const server = await startChatServer({ answer: scriptedAnswer, delayMs: 100 });
    onTestFinished(() => server.close());
    const out = join(folder, "stopped");
    const driver = cli.start(runArgs(server, out, { atOnce: 2 }));
    await until(async () =>
      (await jobsAtWork(out, "knowledge")).length === 2 && server.calls.length > 20 ? true : null,
    );
    driver.kill("SIGINT");
    expect((await driver.ended).code).toBe(130);
    expect(await jobsAtWork(out, "knowledge")).toEqual([]);
    const local = await cli.run(runArgs(server, out));
    expect(local.code).toBe(0);
  });

  test("a command that cannot start is an error with its last words, after two tries", async () => {
    const server = await startChatServer({ answer: scriptedAnswer });
    onTestFinished(() => server.close());
    const out = join(folder, "no-ssh");
    const command = "echo starting; no-such-ssh node1 {task}";
    const { code, stderr } = await cli.run(
      runArgs(server, out, { command, stages: ["knowledge"], tries: 1 }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /stage knowledge failed after 2 attempts: Error: job \S+ ended before it began/,
    );
    expect(stderr).toMatch(/last words:\nstarting\n.*no-such-ssh.*not found/);
  });

  test("r4ec task says by its exit code whether another try may help", async () => {
    const server = await startChatServer({ answer: scriptedAnswer });
    onTestFinished(() => server.close());
    const out = join(folder, "by-hand");
    // A scheduler that only notes what it is to run: the tasks are run by hand below.
    const noted = cli.start(
      runArgs(server, out, { command: "sleep 600 # {index}", stages: ["encode"] }),
    );
    onTestFinished(async () => {
      noted.kill("SIGINT");
      await noted.ended;
    });
    const plan = join(out, "plans", "encode.json");
    await until(() => readFile(plan, "utf8").catch(() => null));
    const task = (...words: string[]): Promise<{ code: number | null; stderr: string }> =>
      cli.run(["task", "--run", out, "--stage", "encode", ...words]);
    expect(await task("--index", "0-1")).toMatchObject({ code: 0 });
    expect((await task("--index", "0-1")).stderr).toContain(
      "encode 0-1: 0 of 2 tasks done now, 2 before",
    );
    const nth = (place: string): ReturnType<typeof task> =>
      task("--index", "5,7-8", "--nth", place);
    expect((await nth("1")).stderr).toContain("encode 7: 1 of 1 tasks done now, 0 before");
    expect(await nth("3")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("a number from 0 to 2") as unknown,
    });
    const ofArray = (variable: string): ReturnType<typeof cli.run> =>
      cli.run(["task", "--run", out, "--stage", "encode", "--index", "5,7-8", "--nth", variable], {
        env: { AWS_BATCH_JOB_ARRAY_INDEX: "2" },
      });
    expect((await ofArray("AWS_BATCH_JOB_ARRAY_INDEX")).stderr).toContain("encode 8: 1 of 1 tasks");
    expect(await ofArray("NOT_SET")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--nth NOT_SET: this variable is not set here") as unknown,
    });
    expect(await task("--index", "x")).toMatchObject({ code: 2 });
    expect(await task("--index", "8-11")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "stage encode has no task 10-11: its plan has 0-9",
      ) as unknown,
    });
    expect(await cli.run(["task", "--run", out, "--stage", "train", "--index", "0"])).toMatchObject(
      {
        code: 2,
        stderr: expect.stringContaining("there is no plan") as unknown,
      },
    );
    await writeFile(
      plan,
      (await readFile(plan, "utf8")).replace(/"r4ec":"[^"]*"/, '"r4ec":"9.9.9"'),
    );
    expect(await task("--index", "2")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("was written by r4ec 9.9.9") as unknown,
    });
  });
});
