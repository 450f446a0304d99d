import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startChatServer } from "../util/chat-server.ts";
import { eventually } from "../util/eventually.ts";
import { rayFault, startRay, type Ray } from "../util/ray.ts";
import { motoFault, startMoto } from "../util/moto.ts";
import { scriptedAnswer } from "../util/scripted-model.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { partsAt } from "./parts-at.ts";
import { partsOf } from "./parts-of.ts";
import { tableRows } from "./table-rows.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

const fault = rayFault();
const where = fault === null ? "" : ` (skipped: ${fault})`;

describe.skipIf(fault !== null)(`a run on three nodes of Ray${where}`, { timeout: 600_000 }, () => {
  let cli: BuiltCli;
  let folder: string;
  let file: string;
  let ray: Ray;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "r4ec-ray-"));
    file = await writeTinyPipeline(folder);
    cli = await buildCli();
    ray = await startRay(folder);
  }, 300_000);

  afterAll(async () => {
    await ray.close();
    await cli.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const executorOf = (more: object = {}): string => {
    const { address, python } = ray;
    const program = `${process.execPath} ${cli.main}`;
    return JSON.stringify({ ray: { address, python, program, ...more } });
  };
  /** Processes of the jobs of a run. */
  const jobsOf = async (out: string): Promise<readonly number[]> => {
    const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,args="]);
    return stdout.split("\n").flatMap((line) => {
      const isJob =
        line.includes(`${cli.main} task --run ${out} `) && !/\/bin\/sh|python/.test(line);
      return isJob ? [Number(line.trim().split(" ")[0])] : [];
    });
  };

  /** A process of Ray's that runs one of our jobs. */
  const workerOfRay = async (): Promise<number> => {
    const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,args="]);
    const line = stdout.split("\n").find((one) => one.includes(" ray::run"));
    return Number(line?.trim().split(" ")[0]);
  };

  test("comes to the tables of one process, though a job, a node and the driver are lost, and the last to drive ends it", async () => {
    const server = await startChatServer({ answer: scriptedAnswer, delayMs: 150 });
    onTestFinished(() => server.close());
    const role = JSON.stringify({
      ...{ provider: "openai", model: "m", baseUrl: server.url, limits: { inFlight: 2 } },
    });
    const args = (out: string, executor: string): readonly string[] => [
      ...["run", file, "--out", out, "--to", "encode", "--retry", "none"],
      ...["--set", `knowledge.actor=${role}`, "--set", `knowledge.reflector=${role}`],
      ...["--set", `runtime.executor=${executor}`],
    ];
    const whole = join(folder, "whole");
    expect((await cli.run(args(whole, '"local"'))).code).toBe(0);
    const asked = server.calls.length;

    const out = join(folder, "ray");
    const executor = executorOf({ tries: 4, resources: { knowledge: { cpus: 1 } } });
    const first = cli.start(args(out, executor));
    await eventually(async () => {
      expect(await jobsOf(out)).toHaveLength(3);
      expect(server.calls.length).toBeGreaterThan(asked + 10);
    }, 120_000);
    const [victim = 0] = await jobsOf(out);
    process.kill(victim, "SIGKILL");
    ray.loseNode(3);
    await eventually(async () => {
      expect((await readdir(join(out, "manifests", "knowledge"))).length).toBeGreaterThan(2);
    }, 120_000);
    first.kill("SIGKILL");
    await first.ended;
    expect(await ray.jobsAtWork()).not.toEqual([]);

    const second = cli.start(args(out, executor));
    await eventually(async () => {
      const { stdout } = await cli.run(["status", out]);
      expect(stdout).toMatch(/knowledge.*\bjobs?\b|jobs?\b.*knowledge/s);
    }, 120_000);
    expect(await second.ended).toMatchObject({ code: 0 });
    expect(await partsOf(out)).toEqual(await partsOf(whole));
    // Two in flight for each of the jobs that were lost: one by its process, one with the node.
    expect(server.calls.length - 2 * asked).toBeLessThanOrEqual(2 * 2);
    await eventually(async () => {
      expect(await ray.jobsAtWork()).toEqual([]);
    });
  });

  const bucketFault = motoFault();
  const without = bucketFault === null ? "" : ` (skipped: ${bucketFault})`;
  test.skipIf(bucketFault !== null)(
    `works on a run in a bucket, and ends it though a worker of Ray is lost${without}`,
    async () => {
      const server = await startChatServer({ answer: scriptedAnswer, delayMs: 150 });
      onTestFinished(() => server.close());
      const moto = await startMoto("bucket");
      onTestFinished(() => moto.close());
      const environment = {
        ...{ AWS_ENDPOINT_URL_S3: moto.url, AWS_REGION: "us-east-1" },
        ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
      };
      Object.assign(process.env, environment);
      const role = JSON.stringify({
        ...{ provider: "openai", model: "m", baseUrl: server.url, limits: { inFlight: 2 } },
      });
      const args = (out: string, executor: string): readonly string[] => [
        ...["run", file, "--out", out, "--to", "encode", "--retry", "none"],
        ...["--set", `knowledge.actor=${role}`, "--set", `knowledge.reflector=${role}`],
        ...["--set", `runtime.executor=${executor}`],
      ];
      const names = Object.keys(environment).map((name) => [name, `\${${name}}`] as const);
      const home = join(folder, "worker");
      const variables = { ...Object.fromEntries(names), HOME: home, XDG_CACHE_HOME: home };
      const place = "s3://bucket/runs/ray";
      const executor = executorOf({ tasksPerJob: 2, runtimeEnv: { env_vars: variables } });
      const driver = cli.start(args(place, executor), {
        env: { HOME: join(folder, "driver"), XDG_CACHE_HOME: join(folder, "driver") },
      });
      await eventually(async () => {
        expect(await jobsOf(place)).toHaveLength(2);
      }, 120_000);
      process.kill(await workerOfRay(), "SIGKILL");
      expect(await driver.ended).toMatchObject({ code: 0 });
      const whole = join(folder, "whole-bucket");
      expect((await cli.run(args(whole, '"local"'))).code).toBe(0);
      expect(await partsAt(place, environment, join(folder, "reader"))).toEqual(
        await partsOf(whole),
      );
      expect(await jobsOf(place)).toEqual([]);
    },
  );

  test("Ctrl-C ends what is queued and at work, with all processes", async () => {
    const server = await startChatServer({ answer: scriptedAnswer, delayMs: 300 });
    onTestFinished(() => server.close());
    const role = JSON.stringify({ provider: "openai", model: "m", baseUrl: server.url });
    const out = join(folder, "stopped");
    const running = cli.start([
      ...["run", file, "--out", out, "--set", "knowledge.strategy=reason"],
      ...["--set", `knowledge.actor=${role}`, "--set", `runtime.executor=${executorOf()}`],
    ]);
    await eventually(async () => {
      expect(await jobsOf(out)).not.toEqual([]);
    }, 120_000);
    running.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    await eventually(async () => {
      expect(await jobsOf(out)).toEqual([]);
      expect(await ray.jobsAtWork()).toEqual([]);
    });
  });

  test("says what is wrong with nodes and settings", async () => {
    const failed = async (name: string, more: object): Promise<string> => {
      const executor = executorOf({ stages: ["knowledge"], tasksPerJob: 100, tries: 1, ...more });
      const out = join(folder, name);
      const set = ["--set", `runtime.executor=${executor}`, "--set", "knowledge.strategy=reason"];
      const { code, stderr } = await cli.run(["run", file, "--out", out, ...set]);
      expect(code).toBe(1);
      return stderr;
    };
    expect(await failed("no-node", { program: "no-r4ec-here" })).toMatch(
      /exit code 127 on \S+: it cannot start no-r4ec-here. Install Node and r4ec there/,
    );
    expect(await failed("no-ray", { python: `${ray.python} -S` })).toMatch(
      /failed with exit code 1: ModuleNotFoundError: No module named 'ray'. runtime\.executor\.ray\.python must/,
    );
    expect(await failed("no-python", { python: "no-python-here" })).toMatch(
      /failed with exit code 127: .*not found. runtime\.executor\.ray\.python must/,
    );
    expect(await failed("bad-env", { runtimeEnv: { working_dir: "/nowhere" } })).toMatch(
      /Ray job r4ec-tiny-knowledge-\S+: .*nowhere/,
    );
    expect(await failed("no-option", { options: { nonsense: 1 } })).toMatch(/nonsense/);
  });

  test("trains the models of one process, though a node is lost", async () => {
    const args = (out: string, executor: string): readonly string[] => [
      ...["run", file, "--out", out, "--to", "train", "--set", "train.epochs=20"],
      ...["--set", "train.seeds=[1,2,3]", "--set", `runtime.executor=${executor}`],
    ];
    const whole = join(folder, "trained");
    expect((await cli.run(args(whole, '"local"'))).code).toBe(0);
    const out = join(folder, "trained-on-ray");
    const running = cli.start(args(out, executorOf({ stages: ["train"] })));
    await eventually(async () => {
      expect((await jobsOf(out)).length).toBeGreaterThan(1);
    }, 120_000);
    ray.loseNode(2);
    expect(await running.ended).toMatchObject({ code: 0 });
    const models = "select * exclude (seconds) from results order by all";
    const rows = await tableRows(out, models);
    expect(rows.length).toBeGreaterThan(3);
    expect(rows).toEqual(await tableRows(whole, models));
    expect((await partsOf(out))["predictions"]).toEqual((await partsOf(whole))["predictions"]);
  });
});

test("a run on a head that is not there names its address", async () => {
  const folder = await mkdtemp(join(tmpdir(), "r4ec-no-ray-"));
  const cli = await buildCli();
  onTestFinished(async () => {
    await cli.remove();
    await rm(folder, { recursive: true, force: true });
  });
  const file = await writeTinyPipeline(folder);
  const executor = JSON.stringify({ ray: { address: "http://127.0.0.1:1" } });
  const { code, stderr } = await cli.run([
    ...["run", file, "--out", join(folder, "run"), "--set", `runtime.executor=${executor}`],
  ]);
  expect(code).toBe(1);
  expect(stderr).toContain(
    "r4ec: Ray at http://127.0.0.1:1 is out of reach: connect ECONNREFUSED 127.0.0.1:1. runtime.executor.ray.address must be",
  );
}, 300_000);
