import { cp, mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunComparison } from "../../src/report/compare/run-comparison.ts";
import { buildCli, type BuiltCli, type CliResult } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;
const runOf = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-compare-test-"));
  cli = await buildCli();
  const file = await writeTinyPipeline(folder);
  const run = async (name: string, ...options: readonly string[]): Promise<void> => {
    const { code, stderr } = await cli.run(["run", file, "--out", runOf(name), ...options]);
    expect(code, stderr).toBe(0);
  };
  await run("short", "--set", "train.seeds=[1,2]");
  await run("long", "--set", "train.epochs=4");
  await run("by-user", "--set", "protocol=reference", "--set", "train.variants=[base]");
  await run("begun", "--to", "samples");
}, 600_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

function compare(...args: readonly string[]): Promise<CliResult> {
  return cli.run(["compare", ...args]);
}

async function compared(...names: readonly string[]): Promise<RunComparison> {
  const { code, stdout, stderr } = await compare(...names.map(runOf), "--format", "json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as RunComparison;
}

/** Every file under a folder with its time of change. */
async function state(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true });
  return Promise.all(
    entries.sort().map(async (entry) => `${entry} ${(await stat(join(dir, entry))).mtimeMs}`),
  );
}

describe("r4ec compare", { timeout: 300_000 }, () => {
  test("gives runs with the same test rows differences with intervals, over the seeds of both", async () => {
    const before = await Promise.all(["short", "long"].map((name) => state(runOf(name))));
    const { runs, settings, results, differences, notPaired } = await compared("short", "long");
    expect(runs.map(({ run }) => run)).toEqual(["short", "long"]);
    expect(settings).toEqual([
      { setting: "train.seeds", values: [[1, 2], [1]] },
      { setting: "train.epochs", values: [2, 4] },
    ]);
    expect(results).toHaveLength(4);
    expect(notPaired).toEqual([]);
    expect(differences.map(({ variant, seeds, resamples }) => [variant, seeds, resamples])).toEqual(
      [
        ["base", 1, 10],
        ["r4ec", 1, 10],
      ],
    );
    for (const { aucDifference, aucInterval } of differences) {
      const [low = NaN, high = NaN] = aucInterval ?? [];
      expect(low).toBeLessThanOrEqual(high);
      expect(Math.abs(aucDifference)).toBeLessThan(1);
    }
    expect(await Promise.all(["short", "long"].map((name) => state(runOf(name))))).toEqual(before);
  });

  test("a run less itself, copied, is nothing", async () => {
    const copy = runOf("copy");
    await cp(runOf("short"), copy, { recursive: true });
    const { settings, differences } = await compared("short", "copy");
    expect(settings).toEqual([]);
    for (const { seeds, aucDifference, aucInterval, loglossInterval } of differences) {
      expect({ seeds, aucDifference }).toEqual({ seeds: 2, aucDifference: 0 });
      expect([aucInterval, loglossInterval]).toEqual([
        [0, 0],
        [0, 0],
      ]);
    }
    expect(differences).toHaveLength(2);
  });

  test("says why a run has no intervals, naming both sides", async () => {
    const { differences, notPaired } = await compared("short", "by-user", "begun");
    expect(differences).toEqual([]);
    expect(notPaired.map(({ run }) => run)).toEqual(["by-user", "begun"]);
    expect(notPaired[0]?.reasons).toContain("protocol: leakfree in short, reference in by-user");
    expect(notPaired[1]?.reasons).toEqual([
      `begun has no trained models yet: run its pipeline to the end with --out ${runOf("begun")}`,
    ]);
  });

  test("writes a page, a table for a paper or a list, once and outside of runs", async () => {
    const write = (name: string) => compare(runOf("short"), runOf("long"), "--output", name);
    const page = join(folder, "page.html");
    expect(await write(page)).toMatchObject({ code: 0, stdout: "" });
    expect(await readFile(page, "utf8")).toContain("<title>short, long: r4ec comparison</title>");
    expect((await write(page)).stderr).toContain("page.html already exists");
    expect((await write(join(folder, "paper.tex"))).code).toBe(0);
    expect(await readFile(join(folder, "paper.tex"), "utf8")).toContain("\\toprule");
    expect((await write(join(folder, "page.pdf"))).stderr).toContain("end it in .html");
    for (const inside of ["page.html", "tables/page.html"]) {
      const { code, stderr } = await write(join(runOf("short"), inside));
      expect(code).toBe(2);
      expect(stderr).toContain("choose a place outside of it");
    }
  });

  test("refuses what is no pair of runs, with the cure", async () => {
    const one = await compare(runOf("short"));
    expect(one).toMatchObject({ code: 2, stdout: "" });
    expect(one.stderr).toContain(`for one run alone: r4ec results ${runOf("short")}`);
    const twice = await compare(runOf("short"), `${runOf("short")}/.`);
    expect(twice.stderr).toContain("are the same folder; give each run once");
    const missing = await compare(runOf("short"), runOf("nowhere"));
    expect(missing.stderr).toContain(`there is no folder ${runOf("nowhere")}`);
    const none = await compare(runOf("short"), folder);
    expect(none.stderr).toContain(`${folder} is not a run folder`);
    const html = await compare(runOf("short"), runOf("long"), "--format", "html");
    expect(html.stderr).toContain("--format html needs --output");
  });
});

describe("r4ec results", { timeout: 300_000 }, () => {
  test("prints LaTeX and CSV, and changes nothing", async () => {
    const before = await state(runOf("short"));
    const latex = await cli.run(["results", runOf("short"), "--format", "latex"]);
    expect(latex).toMatchObject({ code: 0, stderr: "" });
    expect(latex.stdout).toMatch(/^% Results of the run tiny, .*booktabs/);
    const csv = await cli.run(["results", runOf("short"), "--format", "csv"]);
    expect(csv.stdout.split("\n")[1]).toMatch(/^tiny,leakfree,dcn,base,base,0,2,0\.\d+/);
    const table = await cli.run(["results", runOf("short")]);
    expect(table.stdout).toContain("AUC lift [95 % interval]");
    expect(await state(runOf("short"))).toEqual(before);
  });

  test("report prints in the same forms", async () => {
    const latex = await cli.run(["report", runOf("short"), "--format", "latex"]);
    expect(latex.stdout).toContain("\\bottomrule");
    const both = await cli.run(["report", runOf("short"), "--format", "csv", "--json"]);
    expect(both.code).toBe(2);
  });
});
