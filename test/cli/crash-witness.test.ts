import { access } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { crashText } from "../../src/cli/progress/crash-text.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { buildCli, type BuiltCli, type CliResult } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;

beforeAll(async () => {
  cli = await buildCli();
}, 300_000);

afterAll(() => cli.remove());

/** A run that is ended by a signal once its first stage is at work. */
async function ended(signal: NodeJS.Signals): Promise<CliResult> {
  const folder = await scratchFolder();
  const file = await writeTinyPipeline(folder);
  const runDir = join(folder, "run");
  const running = cli.start(["run", file, "--out", runDir]);
  const isAtWork = (): Promise<boolean> =>
    access(join(runDir, "tables")).then(
      () => true,
      () => false,
    );
  while (!(await isAtWork())) await delay(5);
  running.kill(signal);
  return running.ended;
}

describe.skipIf(process.platform === "win32")("a run", { timeout: 300_000 }, () => {
  test.each(["SIGABRT", "SIGSEGV", "SIGKILL"] as const)(
    "that %s ends tells at which task, and what to try",
    async (signal) => {
      const { stderr, ...end } = await ended(signal);
      expect(end).toMatchObject({ code: null, signal });
      expect(stderr).toMatch(
        /^r4ec: the run's process ended without a word, at stage ingest, task 0: a native part crashed, or the process was killed\. Finished work is kept/m,
      );
      expect(stderr).toContain("runtime.memoryLimit");
    },
  );

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "that %s stops tells only that",
    async (signal) => {
      const { code, stderr } = await ended(signal);
      expect(code).toBe(130);
      expect(stderr).not.toContain("without a word");
    },
  );

  test("that succeeds, and one that fails, say nothing of the kind", async () => {
    const folder = await scratchFolder();
    const file = await writeTinyPipeline(folder);
    const args = ["run", file, "--out", join(folder, "run"), "--to", "samples"];
    const done = await cli.run(args);
    expect(done).toMatchObject({ code: 0 });
    const failed = await cli.run([...args, "--set", "dataset.path=nowhere"]);
    expect(failed).toMatchObject({ code: 1 });
    expect(done.stderr + failed.stderr).not.toContain("without a word");
  });

  test("that may open too few files is refused before it starts", async () => {
    const under = ["bash", "-c", 'ulimit -n 64; exec "$@"', "bash"];
    const { code, stderr } = await cli.run(["run", "none.yaml"], { under });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^r4ec: only 64 files may be open/);
  });
});

test("crashText says where the process was", () => {
  expect(crashText([])).toContain("ended without a word, between two tasks:");
  expect(crashText(["stage a, task 1", "stage a, task 2"])).toContain(
    "at stage a, task 1; stage a, task 2:",
  );
});
