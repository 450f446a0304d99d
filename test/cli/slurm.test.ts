import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { reasonOf } from "../../src/base/errors.ts";
import { startChatServer } from "../util/chat-server.ts";
import { scriptedAnswer } from "../util/scripted-model.ts";
import { slurmFault, startSlurm, type Slurm } from "../util/slurm.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { partsOf } from "./parts-of.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

const fault = slurmFault();
const where = fault === null ? "" : ` (skipped: ${fault})`;

describe.skipIf(fault !== null)(
  `a run on three nodes of Slurm${where}`,
  { timeout: 600_000 },
  () => {
    let cli: BuiltCli;
    let folder: string;
    let file: string;
    let slurm: Slurm | null;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "r4ec-slurm-"));
      file = await writeTinyPipeline(folder);
      cli = await buildCli();
      slurm = await startSlurm(await mkdtemp(join(folder, "cluster-"))).catch((error: unknown) => {
        console.warn(`skipped: no cluster can be started here: ${reasonOf(error)}`);
        return null;
      });
    }, 300_000);

    afterAll(async () => {
      await slurm?.close();
      await cli.remove();
      await rm(folder, { recursive: true, force: true });
    });

    /** States of the cluster's jobs, one a line: node and state. */
    const queue = async (): Promise<readonly string[]> => {
      const words = ["--noheader", "--array", "--format=%N %T"];
      const env = { ...process.env, ...slurm?.env };
      const { stdout } = await promisify(execFile)("squeue", words, { env });
      return stdout.trim().split("\n").filter(Boolean);
    };
    const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
      while (!(await isSo())) await delay(100);
    };

    test("comes to the tables of one process, though a job, a node and the driver are lost", async ({
      skip,
    }) => {
      if (slurm === null) return skip();
      const server = await startChatServer({ answer: scriptedAnswer, delayMs: 150 });
      onTestFinished(() => server.close());
      const role = JSON.stringify({
        ...{ provider: "openai", model: "m", baseUrl: server.url },
        limits: { inFlight: 2 },
      });
      const args = (out: string, executor: object | "local"): readonly string[] => [
        ...["run", file, "--out", out, "--to", "encode", "--retry", "none"],
        ...["--set", `knowledge.actor=${role}`, "--set", `knowledge.reflector=${role}`],
        ...["--set", `runtime.executor=${JSON.stringify(executor)}`],
      ];
      const whole = join(folder, "whole");
      expect((await cli.run(args(whole, "local"))).code).toBe(0);
      const asked = server.calls.length;

      const out = join(folder, "slurm");
      const program = `${process.execPath} ${cli.main}`;
      const resources = { knowledge: { cpus: 1 }, encode: { cpus: 1 } };
      const executor = { slurm: { program, resources, arraySize: 4, tries: 4 } };
      const env = slurm.env;
      const first = cli.start(args(out, executor), { env });
      await until(async () => (await queue()).some((line) => line === "n2 RUNNING"));
      await until(() => server.calls.length > asked + 10);
      const { stdout } = await promisify(execFile)("pgrep", ["-f", `task --run ${out} `]);
      process.kill(Number(stdout.trim().split("\n")[0]), "SIGKILL");
      await slurm.loseNode("n2");
      await delay(1_000);
      first.kill("SIGKILL");
      await first.ended;
      expect((await queue()).length).toBeGreaterThan(0);

      expect(await cli.run(args(out, executor), { env })).toMatchObject({ code: 0 });
      expect(await partsOf(out)).toEqual(await partsOf(whole));
      // Two in flight for each of the jobs that were lost: one by its process, at most two with the node.
      expect(server.calls.length - 2 * asked).toBeLessThanOrEqual(3 * 2);
      expect(await queue()).toEqual([]);
    });

    test("Ctrl-C cancels what is queued and at work", async ({ skip }) => {
      if (slurm === null) return skip();
      const server = await startChatServer({ answer: scriptedAnswer, delayMs: 300 });
      onTestFinished(() => server.close());
      const role = JSON.stringify({ provider: "openai", model: "m", baseUrl: server.url });
      const program = `${process.execPath} ${cli.main}`;
      const set = [
        `knowledge.actor=${role}`,
        `runtime.executor=${JSON.stringify({ slurm: { program } })}`,
      ];
      const out = join(folder, "stopped");
      const running = cli.start(
        [
          "run",
          file,
          "--out",
          out,
          "--set",
          "knowledge.strategy=reason",
          ...set.flatMap((one) => ["--set", one]),
        ],
        { env: slurm.env },
      );
      await until(async () => (await queue()).length > 0);
      running.kill("SIGINT");
      expect((await running.ended).code).toBe(130);
      await until(async () => (await queue()).every((line) => !/RUNNING|PENDING/.test(line)));
    });

    test("what sbatch refuses is an error in its words", async ({ skip }) => {
      if (slurm === null) return skip();
      const out = join(folder, "refused");
      const executor = { slurm: { partition: "nowhere", stages: ["knowledge"] } };
      const { code, stderr } = await cli.run(
        ["run", file, "--out", out, "--set", `runtime.executor=${JSON.stringify(executor)}`],
        { env: slurm.env },
      );
      expect(code).toBe(1);
      expect(stderr).toContain("r4ec: sbatch: sbatch: error: invalid partition specified: nowhere");
    });
  },
);

test("without sbatch, a run on Slurm says where to start it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "r4ec-no-slurm-"));
  const cli = await buildCli();
  onTestFinished(async () => {
    await cli.remove();
    await rm(folder, { recursive: true, force: true });
  });
  const file = await writeTinyPipeline(folder);
  const { code, stderr } = await cli.run(
    ["run", file, "--out", join(folder, "run"), "--set", 'runtime.executor={"slurm":{}}'],
    { env: { PATH: "/nowhere" } },
  );
  expect(code).toBe(1);
  expect(stderr).toContain(
    "r4ec: runtime.executor.slurm needs sbatch on this machine's PATH: start the run on a login node of the cluster",
  );
}, 300_000);
