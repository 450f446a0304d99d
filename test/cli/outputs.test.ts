import { copyFile, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratchFolder } from "../util/scratch-folder.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;

beforeAll(async () => {
  cli = await buildCli();
}, 300_000);

afterAll(() => cli.remove());

/** Runs the command in a shell, with its outputs redirected. */
const shell = (redirected: string): readonly string[] => ["bash", "-c", redirected, "bash"];

describe.skipIf(process.platform !== "linux")("r4ec whose", { timeout: 300_000 }, () => {
  test("stdout is full says so and fails", async () => {
    const ended = await cli.run(["schema"], { under: shell('exec "$@" >/dev/full') });
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(
      /^r4ec: standard output is incomplete: ENOSPC.* Free some space where it is written to.*\n$/,
    );
  });

  test("stdout's reader has left succeeds without a word", async () => {
    const ended = await cli.run(["schema"], { under: shell('"$@" > >(exec head -c 1)') });
    expect(ended).toMatchObject({ code: 0, stdout: "{", stderr: "" });
  });

  test.each([
    ["is full", 'exec "$@" 2>/dev/full'],
    ["has no reader", 'exec "$@" 2> >(exec true)'],
  ])("stderr %s does its work, and fails with a word on stdout", async (_what, redirected) => {
    const folder = await scratchFolder();
    const file = await writeTinyPipeline(folder);
    const runDir = join(folder, "run");
    const under = shell(redirected);
    const made = await cli.run(["run", file, "--out", runDir, "--to", "contexts"], { under });
    expect(made).toMatchObject({ code: 0, stdout: "" });
    expect(await readdir(join(runDir, "stages"))).toContain("contexts.json");

    const failed = await cli.run(["run", join(folder, "none.yaml")], { under });
    expect(failed).toMatchObject({ code: 2, stderr: "" });
    expect(failed.stdout).toMatch(/^r4ec: cannot read the pipeline file/);
  });

  test.each([255, 64, 24])("limit of open files is %d says so", async (limit) => {
    const bin = join(dirname(cli.main), "../../bin/r4ec.js");
    await mkdir(dirname(bin), { recursive: true });
    await copyFile(new URL("../../bin/r4ec.js", import.meta.url), bin);
    const under = ["bash", "-c", `ulimit -n ${limit}; exec "$1" "${bin}" --help`, "bash"];
    const ended = await cli.run([], { under });
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(
      /^r4ec: .* files may be open at a time here.* ulimit -n 1024 .*\n$/,
    );
  });

  test("current folder is gone says so", async () => {
    const gone = join(await scratchFolder(), "gone");
    await mkdir(gone);
    const under = shell(`cd '${gone}' && rmdir '${gone}' && exec "$@"`);
    expect(await cli.run(["status", "run"], { under })).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr:
        "r4ec: the current folder does not exist any more: change into another folder (cd) and run the command again\n",
    });
  });
});

test("an error's escapes do not reach the terminal", { timeout: 60_000 }, async () => {
  const { stderr } = await cli.run(["status", "no\u001b[2Jsuch"]);
  expect(stderr).toMatch(/^r4ec: there is no folder .*no\uFFFD\[2Jsuch;/);
});
