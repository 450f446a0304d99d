import {
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratchFolder } from "../util/scratch-folder.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;
let pipeline: string;
/** A finished run, in folders that look like partitions of its columns, with letters of globs and quotes. */
let finished: string;

const figures = async (run: string): Promise<string> => {
  const sql = "select variant, seed, auc, logloss from results order by all";
  const { stdout, stderr } = await cli.run(["sql", run, sql, "--format", "csv"]);
  return stdout + stderr;
};

beforeAll(async () => {
  cli = await buildCli();
  folder = await mkdtemp(join(tmpdir(), "r4ec-test-"));
  pipeline = await writeTinyPipeline(folder);
  finished = join(folder, "variant=base/seed=7/user_id=3", "it's [a] *new* run?");
  expect(await cli.run(["run", pipeline, "--out", finished])).toMatchObject({ code: 0 });
}, 180_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

/** A copy of the finished run under a plain path. */
async function copied(): Promise<string> {
  const run = join(await scratchFolder(), "run");
  await cp(finished, run, { recursive: true });
  return run;
}

async function onlyFile(directory: string): Promise<string> {
  const [name = ""] = await readdir(directory);
  return join(directory, name);
}

describe("a run folder", () => {
  test("gives the same figures wherever it lies", async () => {
    const here = await figures(finished);
    expect(here.split("\n").map((line) => line.split(",")[0])).toEqual([
      "variant",
      "base",
      "r4ec",
      "",
    ]);
    expect(await figures(await copied())).toBe(here);
    expect(await cli.run(["report", finished])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Base .*\n.*Profiler /) as unknown,
    });
    expect(await cli.run(["verify", finished])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^\d+ files of [\d.]+ MB: all as they were written\n$/,
      ) as unknown,
    });
  });

  test("tells of a flipped byte, and is mended with the same figures", async () => {
    const run = await copied();
    const before = await figures(run);
    const part = await onlyFile(join(run, "tables/samples"));
    const bytes = await readFile(part);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(part, bytes);
    const refused = {
      code: 1,
      stderr: expect.stringContaining(`${part}: its content is not what was written`) as unknown,
    };
    expect(await cli.run(["report", run])).toMatchObject(refused);
    expect(await cli.run(["sql", run, "select count(*) from samples"])).toMatchObject(refused);
    expect(await cli.run(["run", pipeline, "--out", run])).toMatchObject(refused);
    expect(await cli.run(["verify", run])).toMatchObject({
      code: 1,
      stdout: `tables/samples/${part.split("/").at(-1) ?? ""}: its content is not what was written\n`,
      stderr: expect.stringContaining(
        `r4ec run ${run}/pipeline.yaml --out ${run} --repair`,
      ) as unknown,
    });
    const repaired = await cli.run(["run", join(run, "pipeline.yaml"), "--out", run, "--repair"]);
    expect(repaired).toMatchObject({ code: 0 });
    expect(repaired.stderr).toMatch(/^ingest +kept/m);
    expect(repaired.stderr).toMatch(/^train +\d/m);
    expect(await figures(run)).toBe(before);
    expect(await cli.run(["verify", run])).toMatchObject({ code: 0 });
  }, 120_000);

  test("trains a model again whose folder is gone or damaged, and no other", async () => {
    const run = await copied();
    const models = join(run, "models");
    const [first = "", second = ""] = await readdir(models);
    await rm(join(models, first), { recursive: true });
    const again = await cli.run(["run", pipeline, "--out", run]);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toContain(
      `${join(models, first)}/model.safetensors: it is missing; its task runs again`,
    );
    expect(again.stderr).toMatch(/^train .*\(1 of 2 tasks kept\)/m);
    await truncate(join(models, second, "model.json"), 40);
    const scored = await cli.run(["score", run, join(folder, "none.csv")]);
    expect(scored).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /model\.json: it is not the card of a model.*run the pipeline again/,
      ) as unknown,
    });
    const third = await cli.run(["run", pipeline, "--out", run]);
    expect(third.stderr).toMatch(/^train .*\(1 of 2 tasks kept\)/m);
    expect(await cli.run(["verify", run])).toMatchObject({ code: 0 });
  }, 120_000);

  test("is not begun anew when it is renamed while a run goes on; the run goes on at its new place", async () => {
    const parent = await scratchFolder();
    const run = join(parent, "run");
    const going = cli.start(["run", pipeline, "--out", run]);
    while ((await stat(join(run, "stages/samples.json")).catch(() => null)) === null)
      await delay(20);
    await rename(run, join(parent, "moved"));
    expect(await going.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${run} is no longer there: it was moved`) as unknown,
    });
    expect(await cli.run(["run", pipeline, "--out", join(parent, "moved")])).toMatchObject({
      code: 0,
    });
    expect(await figures(join(parent, "moved"))).toBe(await figures(finished));
  }, 180_000);

  test("of somebody else is refused, also by report", async () => {
    const mine = join(await scratchFolder(), "mine");
    await mkdir(join(mine, "tmp"), { recursive: true });
    await writeFile(join(mine, "pipeline.yaml"), "name: mine\n");
    for (const args of [
      ["run", pipeline, "--out", mine],
      ["report", mine],
    ]) {
      expect(await cli.run(args)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/is not a (run )?folder/) as unknown,
      });
    }
    expect((await readdir(mine)).sort()).toEqual(["pipeline.yaml", "tmp"]);
  });
});
