import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { flushMs } from "../../src/flow/store/with-working-copy.ts";
import { startChatServer, type ChatServer } from "../util/chat-server.ts";
import { eventually } from "../util/eventually.ts";
import { motoFault, startMoto, type Moto } from "../util/moto.ts";
import { scriptedAnswer } from "../util/scripted-model.ts";
import { buildCli, type BuiltCli, type CliResult } from "./built-cli.ts";
import { partsAt as partsOfStored } from "./parts-at.ts";
import { partsOf } from "./parts-of.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

const fault = motoFault();
const where = fault === null ? "" : ` (skipped: ${fault})`;

describe.skipIf(fault !== null)(`a run in a bucket${where}`, { timeout: 600_000 }, () => {
  let cli: BuiltCli;
  let folder: string;
  let file: string;
  let moto: Moto;
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "r4ec-stored-"));
    file = await writeTinyPipeline(folder);
    cli = await buildCli();
    moto = await startMoto("bucket");
    environment = {
      ...{ AWS_ENDPOINT_URL_S3: moto.url, AWS_REGION: "us-east-1" },
      ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
    };
    Object.assign(process.env, environment);
  }, 300_000);

  afterAll(async () => {
    await moto.close();
    await cli.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** A machine is what has a home and a cache of its own. */
  const envOf = (machine: string): Readonly<Record<string, string>> => ({
    ...environment,
    HOME: join(folder, machine),
    XDG_CACHE_HOME: join(folder, machine, "cache"),
  });
  const runOn = (machine: string, args: readonly string[]): Promise<CliResult> =>
    cli.run(args, { env: envOf(machine) });

  const partsAt = (place: string): ReturnType<typeof partsOf> =>
    partsOfStored(place, environment, join(folder, "reader"));

  test("is that of a folder, table for table, and every machine can read it", async () => {
    const whole = join(folder, "whole");
    expect((await runOn("here", ["run", file, "--out", whole])).code).toBe(0);
    const place = "s3://bucket/runs/tiny";
    const [begun, ended] = [
      await runOn("one", ["run", file, "--out", place, "--to", "knowledge"]),
      await runOn("two", ["run", file, "--out", place]),
    ];
    expect(begun).toMatchObject({ code: 0 });
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toMatch(/^knowledge +kept/m);
    expect(ended.stderr).toContain(`report: ${place}/report/index.html`);
    // These two also say how long training took.
    const timed = { results: [], training_log: [] };
    expect({ ...(await partsAt(place)), ...timed }).toEqual({
      ...(await partsOf(whole)),
      ...timed,
    });

    const status = await runOn("three", ["status", place]);
    expect(status).toMatchObject({ code: 0, stderr: "" });
    const local = await runOn("here", ["status", whole]);
    const withoutTimes = (text: string): string =>
      text.replace(/ +[\d.]+ s {2}/g, " ").replace(/^.*\n/, "");
    expect(withoutTimes(status.stdout)).toBe(withoutTimes(local.stdout));
    const query = "select * exclude (seconds) from results order by all";
    expect((await runOn("three", ["sql", place, query])).stdout).toBe(
      (await runOn("here", ["sql", whole, query])).stdout,
    );
    for (const command of ["report", "results", "verify", "profile"]) {
      expect(await runOn("three", [command, place])).toMatchObject({ code: 0 });
    }
    const compared = await runOn("three", ["compare", place, whole, "--format", "json"]);
    expect(compared).toMatchObject({ code: 0 });
    expect(JSON.parse(compared.stdout)).toMatchObject({
      runs: [{ folder: place }, { folder: whole }],
      differences: expect.arrayContaining([
        expect.objectContaining({ aucDifference: 0 }),
      ]) as unknown,
    });
    const rows = join(folder, "rows.csv");
    await writeFile(rows, "user_id,item_id,timestamp\n1,5,960000000\n");
    const scored = ["score", place, rows, "--out", join(folder, "scored.csv")];
    expect(await runOn("three", scored)).toMatchObject({ code: 0 });
  });

  test("goes on on other machines after a job and its driver are killed, and pays for nothing twice that was flushed", async () => {
    const server: ChatServer = await startChatServer({ answer: scriptedAnswer, delayMs: 700 });
    onTestFinished(() => server.close());
    const place = "s3://bucket/runs/jobs";
    const role = JSON.stringify({
      ...{ provider: "openai", model: "m", baseUrl: server.url, limits: { inFlight: 4 } },
    });
    const worker = join(folder, "worker");
    await mkdir(worker);
    const program = `env HOME=${worker} XDG_CACHE_HOME=${worker} ${process.execPath} ${cli.main}`;
    const array = { program, atOnce: 2, tasksPerJob: 2 };
    const args = (out: string, executor: object | string): readonly string[] => [
      ...["run", file, "--out", out, "--to", "knowledge", "--retry", "none"],
      ...["--set", `knowledge.actor=${role}`, "--set", `knowledge.reflector=${role}`],
      ...["--set", `runtime.executor=${JSON.stringify(executor)}`],
    ];
    const jobs = async (): Promise<readonly number[]> => {
      const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,args="]);
      return stdout.split("\n").flatMap((line) => {
        const isJob = line.includes(` task --run ${place} `) && !/\bsh -c|\benv HOME/.test(line);
        return isJob ? [Number(line.trim().split(" ")[0])] : [];
      });
    };

    const driver = cli.start(args(place, { array }), { env: envOf("driver") });
    /** How many had been asked when. */
    const asks: { readonly at: number; readonly count: number }[] = [];
    await eventually(async () => {
      asks.push({ at: performance.now(), count: server.calls.length });
      expect(server.calls.length).toBeGreaterThan(140);
      expect(await jobs()).toHaveLength(2);
    }, 120_000);
    const killedAt = performance.now();
    const [victim = 0] = await jobs();
    process.kill(victim, "SIGKILL");
    driver.kill("SIGKILL");
    await driver.ended;
    const flushed = asks.findLast(({ at }) => at < killedAt - flushMs - 3_000)?.count ?? 0;
    const safe = server.calls.slice(0, Math.max(0, flushed - 2 * 2)); // without those under way
    const before = server.calls.length;

    expect(await runOn("another", args(place, { array }))).toMatchObject({ code: 0 });
    const local = join(folder, "local");
    const asked = server.calls.length;
    expect((await runOn("here", args(local, "local"))).code).toBe(0);
    expect(await partsAt(place)).toEqual(await partsOf(local));
    const promptOf = ({ body }: ChatServer["calls"][number]): string => JSON.stringify(body);
    const again = new Set(server.calls.slice(before, asked).map(promptOf));
    expect(safe.length).toBeGreaterThan(20);
    expect(safe.filter((call) => again.has(promptOf(call)))).toEqual([]);
  });

  test("names what is wrong with a place", async () => {
    const at = (place: string): Promise<CliResult> => runOn("three", ["status", place]);
    expect(await at("s3://bucket/runs/none")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("s3://bucket/runs/none is not a run folder") as unknown,
    });
    expect(await at("s3://nobody/runs/tiny")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/nobody/) as unknown,
    });
    expect(await at("gs://bucket/runs/tiny")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("a run is a folder, or s3://bucket/prefix") as unknown,
    });
  });
});
