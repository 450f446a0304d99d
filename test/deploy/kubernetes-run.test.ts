import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { shellWord } from "../../src/base/shell-word.ts";
import { buildCli } from "../cli/built-cli.ts";
import { partsOf } from "../cli/parts-of.ts";
import { writeTinyPipeline } from "../cli/tiny-pipeline.ts";
import { eventually } from "../util/eventually.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const script = pathOf("../../deploy/kubernetes-run.sh");
const manifest = pathOf("../../deploy/kubernetes-job.yaml");

/** Folder of the compiled fake: kubectl is called so often that a loader would be most of the time. */
let built: string;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "r4ec-kubectl-"));
  const { outputText } = transpileModule(await readFile(pathOf("fake-kubectl.ts"), "utf8"), {
    compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2023 },
  });
  await writeFile(join(built, "fake-kubectl.mjs"), outputText);
  await symlink(pathOf("../../node_modules"), join(built, "node_modules"));
});

afterAll(() => rm(built, { recursive: true, force: true }));

interface FakeCluster {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** The command lines that kubectl had. */
  readonly calls: () => Promise<readonly string[]>;
}

/** A cluster whose pods run a shell command. */
async function fakeCluster(program: string): Promise<FakeCluster> {
  const folder = await scratchFolder();
  const kubectl = join(folder, "bin", "kubectl");
  await mkdir(join(folder, "bin"));
  const start = [process.execPath, join(built, "fake-kubectl.mjs")].map(shellWord).join(" ");
  await writeFile(kubectl, `#!/bin/sh\nexec ${start} "$@"\n`);
  await chmod(kubectl, 0o755);
  const env = {
    ...process.env,
    ...{ FAKE_CLUSTER: folder, FAKE_R4EC: program, R4EC_POLL_SECONDS: "0.1" },
    PATH: `${join(folder, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
  };
  const calls = async (): Promise<readonly string[]> =>
    (await readFile(join(folder, "calls"), "utf8")).trim().split("\n");
  return { folder, env, calls };
}

/** A cluster whose pods run a shell script, which has the arguments of its container. */
async function clusterOf(lines: string): Promise<FakeCluster> {
  const file = join(await scratchFolder(), "pod.sh");
  await writeFile(file, lines);
  return fakeCluster(`sh ${file}`);
}

interface Running {
  readonly kill: () => void;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

function start(cluster: FakeCluster, task: readonly string[]): Running {
  const child = spawn(script, [manifest, ...task], {
    ...{ env: cluster.env, stdio: ["ignore", "ignore", "pipe"] },
  });
  const code = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return {
    kill: () => void child.kill("SIGTERM"),
    ended: Promise.all([code, text(child.stderr)]).then(([code, stderr]) => ({ code, stderr })),
  };
}

const task = ["npx", "r4ec", "task", "--run", "s3://b/it's", "--stage", "train", "--index"];

describe("deploy/kubernetes-run.sh", { timeout: 120_000 }, () => {
  test("runs a pod for each task, and ends well when they do", async () => {
    const told = join(await scratchFolder(), "told");
    const cluster = await clusterOf(`echo "$@" >>${told}`);
    const words = ["3,10-11", "--job", "0a1b-4", "--threads", "6", "--memory", "8000MB"];
    expect(await start(cluster, [...task, ...words]).ended).toEqual({ code: 0, stderr: "" });
    const line = (pod: number): string =>
      `task --run s3://b/it's --stage train --index 3,10-11 --threads 6 --memory 8000MB --nth ${pod}`;
    expect(await readFile(told, "utf8")).toBe(`${[0, 1, 2].map(line).join("\n")}\n`);
    const job = z
      .object({
        metadata: z.object({ name: z.string() }),
        spec: z.object({
          template: z.object({
            spec: z.object({ containers: z.tuple([z.object({ resources: z.unknown() })]) }),
          }),
        }),
      })
      .parse(JSON.parse(await readFile(join(cluster.folder, "job.json"), "utf8")));
    expect(job.metadata.name).toBe("r4ec-train-0a1b-4");
    expect(job.spec.template.spec.containers[0].resources).toMatchObject({
      requests: { cpu: "6", memory: "16000Mi" },
      limits: { memory: "16000Mi" },
    });
    expect((await cluster.calls()).filter((call) => call.startsWith("delete"))).toEqual([]);
  });

  test.each([
    ["once more after exit code 1", 1, 1, { tries: 2, code: 0 }],
    ["three times, where exit code 1 stays", 1, 9, { tries: 3, code: 1 }],
    ["only once with exit code 2", 2, 9, { tries: 1, code: 2 }],
  ])("tries a task %s", async (_, exit, failures, expected) => {
    const told = join(await scratchFolder(), "told");
    const cluster = await clusterOf(
      `echo x >>${told}; echo "r4ec: what is wrong" >&2; [ $(wc -l <${told}) -gt ${failures} ] || exit ${exit}`,
    );
    const { code, stderr } = await start(cluster, [...task, "7"]).ended;
    const tries = (await readFile(told, "utf8")).trim().split("\n").length;
    expect({ tries, code }).toEqual(expected);
    if (code === 0) return;
    expect(stderr).toMatch(/^kubernetes-run.sh: Job \S+ has failed; the last lines of pod pod-0-/);
  });

  test("prints what the pod said that no other try will help", async () => {
    const cluster = await clusterOf(`case $* in *"--nth 1") echo "r4ec: bad row"; exit 2; esac`);
    const child = spawn(script, [manifest, ...task, "0-2"], { env: cluster.env });
    const code = new Promise((resolve) => child.once("exit", resolve));
    expect(await text(child.stdout)).toContain("r4ec: bad row\n");
    expect(await code).toBe(2);
  });

  test("deletes its Job when it is told to end, and its pods end", async () => {
    const told = join(await scratchFolder(), "told");
    const cluster = await clusterOf(`trap 'echo ended >>${told}; exit 130' TERM
      echo begun >>${told}; sleep 600 & wait`);
    const running = start(cluster, [...task, "0-2"]);
    await eventually(async () => {
      expect(await readFile(told, "utf8")).toBe("begun\n");
    });
    running.kill();
    expect(await running.ended).toMatchObject({ code: 143 });
    await eventually(async () => {
      expect(await readFile(told, "utf8")).toBe("begun\nended\n");
    });
    expect((await cluster.calls()).at(-1)).toMatch(/^delete job r4ec-train-\S+ --ignore-not-found/);
  });

  test("waits while the cluster is out of reach, and says when its Job is gone", async () => {
    const cluster = await clusterOf("sleep 600");
    const wall = join(cluster.folder, "out-of-reach");
    await writeFile(wall, "");
    const running = start(cluster, [...task, "0"]);
    await eventually(async () => {
      expect((await cluster.calls()).filter((call) => call.startsWith("get job"))).toHaveLength(3);
    });
    await rm(join(cluster.folder, "job.json"));
    await rm(wall);
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/connection refused/);
    expect(stderr).toMatch(/somebody has deleted Job r4ec-train-/);
  });

  test("says how it is called", async () => {
    const cluster = await clusterOf("");
    expect(await start(cluster, ["r4ec", "plan"]).ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("usage: kubernetes-run.sh job.yaml {task}") as unknown,
    });
  });

  test("runs the tasks of a run, which has the same tables", { timeout: 300_000 }, async () => {
    const folder = await scratchFolder();
    const file = await writeTinyPipeline(folder);
    const cli = await buildCli();
    onTestFinished(() => cli.remove());
    const args = (out: string): readonly string[] => [
      ...["run", file, "--out", out, "--to", "knowledge"],
    ];
    const [local, jobs] = [join(folder, "local"), join(folder, "jobs")];
    expect(await cli.run(args(local))).toMatchObject({ code: 0 });
    const cluster = await fakeCluster([process.execPath, cli.main].map(shellWord).join(" "));
    const array = {
      command: `${script} ${manifest} {task}`,
      ...{ stages: ["knowledge"], tasksPerJob: 100, tries: 1 },
    };
    const set = ["--set", `runtime.executor=${JSON.stringify({ array })}`];
    expect(await cli.run([...args(jobs), ...set], { env: cluster.env })).toMatchObject({ code: 0 });
    const applied = (await cluster.calls()).filter((call) => call.startsWith("apply"));
    expect(applied).not.toEqual([]);
    expect(await partsOf(jobs)).toEqual(await partsOf(local));
  });
});
