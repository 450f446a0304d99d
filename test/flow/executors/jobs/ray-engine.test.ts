import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { jsonOrNull } from "../../../../src/base/json.ts";
import type {
  Job,
  JobEngine,
  JobResources,
} from "../../../../src/flow/executors/jobs/job-engine.ts";
import {
  rayEngine,
  type RayEngineOptions,
} from "../../../../src/flow/executors/jobs/ray-engine.ts";
import { rayProgram } from "../../../../src/flow/executors/jobs/ray-program.ts";
import { startRayServer, type RayServer } from "../../../util/ray-server.ts";
import { scratchFolder } from "../../../util/scratch-folder.ts";

const job = (id: string, indices: string, resources: JobResources = {}): Job => ({
  ...{ id, stage: "words", indices, resources },
});

interface Site {
  readonly server: RayServer;
  readonly engine: JobEngine;
  readonly runDir: string;
}

async function siteOf(more: Partial<RayEngineOptions> = {}): Promise<Site> {
  const server = await startRayServer();
  onTestFinished(() => server.close());
  const runDir = await scratchFolder();
  const engine = rayEngine({
    ...{ address: `${server.url}/`, headers: {}, runDir, run: runDir, isShared: true },
    ...{ name: "my run", program: "npx r4ec", python: "python3", runtimeEnv: {}, options: {} },
    ...more,
  });
  return { server, engine, runDir };
}

const planShape = z.object({
  command: z.string(),
  log: z.string().nullable(),
  jobs: z.array(z.tuple([z.string(), z.string()])),
  options: z.record(z.string(), z.unknown()),
  atOnce: z.number().nullable(),
});

/** Program and plan that a shell gives to Python. */
async function startedBy(
  entrypoint: string,
): Promise<{ readonly program: string; readonly plan: z.output<typeof planShape> }> {
  const words = entrypoint.replace(/^exec python3 -c /, "printf '%s\\0' ");
  const { stdout } = await promisify(execFile)("sh", ["-c", words]);
  const [program = "", plan = ""] = stdout.split("\0");
  return { program, plan: planShape.parse(jsonOrNull(plan)) };
}

async function submit(
  { engine, server }: Site,
  jobs: readonly Job[],
): Promise<{ readonly handles: readonly string[]; readonly ray: string }> {
  const handles = (await engine.submit(jobs)).map(({ handle }) => handle);
  return { handles, ray: server.submitted.at(-1)?.submission_id ?? "" };
}

function print({ server }: Site, ray: string, end: object): void {
  const found = server.jobs.get(ray);
  if (found !== undefined) found.logs += `(raylet) some words\nr4ec-job ${JSON.stringify(end)}\n`;
}

describe("rayEngine", () => {
  test("submits jobs as one Ray job, whose entrypoint holds the program and what it is to run", async () => {
    const runtimeEnv = { env_vars: { A: "1" } };
    const site = await siteOf({ runtimeEnv, options: { accelerator_type: "A100" }, atOnce: 5 });
    const needs = { cpus: 4, memoryMb: 1_000, gpus: 1 };
    const { handles } = await submit(site, [job("a-0", "0-3", needs), job("a-1", "4,7", needs)]);
    expect(new Set(handles).size).toBe(2);
    const [sent] = site.server.submitted;
    expect(site.server.submitted).toHaveLength(1);
    expect(sent).toMatchObject({ entrypoint_num_cpus: 0, runtime_env: runtimeEnv });
    expect(sent?.submission_id).toMatch(/^r4ec-my-run-words-[0-9a-f]{8}$/);
    const { program, plan } = await startedBy(sent?.entrypoint ?? "");
    expect(program).toBe(rayProgram);
    expect(plan).toEqual({
      command: `npx r4ec task --run ${site.runDir} --stage words --index "$R4EC_INDEX" --job "$R4EC_JOB" --threads 4 --memory 500MB`,
      log: join(site.runDir, "jobs", "words"),
      jobs: [
        ["a-0", "0-3"],
        ["a-1", "4,7"],
      ],
      options: { num_cpus: 4, memory: 1_000 * 2 ** 20, num_gpus: 1, accelerator_type: "A100" },
      atOnce: 5,
    });
    expect((await stat(join(site.runDir, "jobs", "words"))).isDirectory()).toBe(true);
  });

  test("leaves logs to Ray where workers do not see the run folder", async () => {
    const site = await siteOf({ isShared: false, run: "s3://bucket/it's mine" });
    await submit(site, [job("a-0", "0")]);
    const { plan } = await startedBy(site.server.submitted[0]?.entrypoint ?? "");
    expect(plan).toMatchObject({ log: null, options: { num_cpus: 1 }, atOnce: null });
    expect(plan.command).toMatch(/ --threads 1$/);
    expect(plan.command).toContain(`--run 's3://bucket/it'\\''s mine' --stage`);
  });

  test("cuts what is too long for a shell into several Ray jobs", async () => {
    const site = await siteOf();
    const jobs = Array.from({ length: 5_000 }, (_, n) => job(`0123abcd-${n}`, `${n}`));
    const { handles } = await submit(site, jobs);
    expect(handles).toHaveLength(5_000);
    expect(site.server.submitted.length).toBeGreaterThan(1);
    const listed: string[] = [];
    for (const { entrypoint } of site.server.submitted) {
      expect(entrypoint.length).toBeLessThan(100_000);
      listed.push(...(await startedBy(entrypoint)).plan.jobs.map(([id]) => id));
    }
    expect(listed).toEqual(jobs.map(({ id }) => id));
  });

  test("takes a job for alive until its end is printed or its Ray job is over, also in another process", async () => {
    const site = await siteOf();
    const { handles, ray } = await submit(site, [
      job("a-0", "0"),
      job("a-1", "1"),
      job("a-2", "2"),
    ]);
    expect(await site.engine.alive(handles)).toEqual(new Set(handles));
    print(site, ray, { id: "a-1", code: 1, host: "n1" });
    const another = rayEngine({
      ...{ address: site.server.url, headers: {}, runDir: site.runDir, run: site.runDir },
      ...{ isShared: true, name: "r", program: "r4ec", python: "python3" },
      ...{ runtimeEnv: {}, options: {} },
    });
    const [first = "", , third = ""] = handles;
    expect(await another.alive(handles)).toEqual(new Set([first, third]));
    const scripted = site.server.jobs.get(ray);
    if (scripted !== undefined) scripted.status = "FAILED";
    expect(await another.alive(handles)).toEqual(new Set());
    site.server.jobs.clear();
    expect(await another.alive([...handles, "no handle"])).toEqual(new Set());
    expect(await another.alive([])).toEqual(new Set());
  });

  test("stops a Ray job once all of its jobs are over or cancelled", async () => {
    const site = await siteOf();
    const { handles, ray } = await submit(site, [
      job("a-0", "0"),
      job("a-1", "1"),
      job("a-2", "2"),
    ]);
    const [first = "", , third = ""] = handles;
    await site.engine.cancel([first]);
    expect(site.server.stopped).toEqual([]);
    print(site, ray, { id: "a-1", code: 0, host: "n1" });
    await site.engine.cancel([third]);
    expect(site.server.stopped).toEqual([ray]);
    await site.engine.cancel(handles);
    expect(site.server.stopped).toEqual([ray]);
  });

  test.each([
    [
      { code: 127, host: "n1" },
      "exit code 127 on n1: it cannot start npx r4ec. Install Node and r4ec there, or name what starts r4ec by runtime.executor.ray.program",
    ],
    [{ code: 2, host: "n1" }, "exit code 2 on n1"],
    [{ lost: "NodeDiedError: gone\nsee the logs" }, "Ray lost it: see the logs"],
    [
      { fault: "[Errno 2] No such file", host: "n2" },
      /^it cannot begin on n2: \[Errno 2\] No such file\. All nodes must see the run folder \S+ at this path; .*--out s3/,
    ],
  ])("says of a job that ended with %j what is known", async (end, words) => {
    const site = await siteOf();
    const { handles, ray } = await submit(site, [job("a-0", "0")]);
    print(site, ray, { id: "a-0", ...end });
    const told = await site.engine.lastWords?.(handles[0] ?? "");
    if (typeof words === "string") expect(told).toBe(words);
    else expect(told).toMatch(words);
  });

  test("says why a Ray job failed before it ran any", async () => {
    const site = await siteOf();
    const { handles, ray } = await submit(site, [job("a-0", "0")]);
    const message = "Traceback:\n  File x\nOSError: no image\n.\n";
    site.server.jobs.set(ray, { status: "FAILED", message, logs: "" });
    const [handle = ""] = handles;
    expect(await site.engine.lastWords?.(handle)).toBe(`Ray job ${ray}: OSError: no image`);
    site.server.jobs.clear();
    expect(await site.engine.lastWords?.(handle)).toBe(`Ray has no job ${ray}`);
    expect(await site.engine.lastWords?.("no handle")).toBeNull();
  });

  test("says what the program ended with, and not the program", async () => {
    const site = await siteOf();
    const { handles, ray } = await submit(site, [job("a-0", "0")]);
    const scripted = site.server.jobs.get(ray);
    if (scripted === undefined) throw new Error("no job");
    scripted.status = "FAILED";
    const what = "Job entrypoint command failed with exit code 1";
    scripted.message = `${what}, last available logs (truncated to 20,000 chars):\n${scripted.logs}`;
    const [handle = ""] = handles;
    expect(await site.engine.lastWords?.(handle)).toBe(`Ray job ${ray}: ${what}: nothing`);
    const echo = scripted.logs;
    scripted.logs = `/bin/sh: 1: exec: python3: not found\n${echo}`;
    expect(await site.engine.lastWords?.(handle)).toContain(
      "exec: python3: not found. runtime.exec",
    );
    scripted.logs = echo + "Traceback:\nModuleNotFoundError: No module named 'ray'\n";
    expect(await site.engine.lastWords?.(handle)).toBe(
      `Ray job ${ray}: ${what}: ModuleNotFoundError: No module named 'ray'. runtime.executor.ray.python must start a Python that has Ray, on the head`,
    );
  });

  test("submits once, though the reply is lost", async () => {
    const site = await siteOf();
    site.server.lose = 1;
    const { handles } = await submit(site, [job("a-0", "0")]);
    expect(site.server.submitted).toHaveLength(1);
    expect(await site.engine.alive(handles)).toEqual(new Set(handles));
  });

  test("a head that is out of reach, or refuses, is named with the cure", async () => {
    const site = await siteOf({ headers: { authorization: "Bearer x" } });
    const { handles } = await submit(site, [job("a-0", "0")]);
    expect(site.server.headers[0]).toMatchObject({ authorization: "Bearer x" });
    site.server.refusal = { status: 401, text: "Unauthorized" };
    await expect(site.engine.submit([job("a-1", "1")])).rejects.toMatchObject({
      code: "PROVIDER_FAILED",
      message: expect.stringMatching(
        /^Ray at \S+ answers 401: Unauthorized\. .*runtime\.executor\.ray\.headers/,
      ) as unknown,
    });
    site.server.refusal = { status: 500, text: "Traceback:\nValueError: no such option\n.\n" };
    await expect(site.engine.alive(handles)).rejects.toThrow(
      /answers 500: ValueError: no such option$/,
    );
    await expect(site.engine.cancel(handles)).rejects.toThrow(/answers 500/);
    site.server.refusal = { status: 200, text: "<html>" };
    await expect(site.engine.alive(handles)).rejects.toThrow(/answers 200: <html>$/);
    await site.server.close();
    await expect(site.engine.alive(handles)).rejects.toMatchObject({
      code: "PROVIDER_FAILED",
      message: expect.stringMatching(
        /is out of reach: .*ECONNREFUSED.*runtime\.executor\.ray\.address/,
      ) as unknown,
    });
  });
});
