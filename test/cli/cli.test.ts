import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunStatus } from "../../src/pipeline/run-status.ts";
import { buildCli, type BuiltCli, type CliResult } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;
let file: string;
/** A run up to its contexts. */
let runDir: string;
let firstRun: CliResult;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-cli-test-"));
  file = await writeTinyPipeline(folder);
  runDir = join(folder, "run");
  cli = await buildCli();
  firstRun = await cli.run(["run", file, "--out", runDir, "--to", "contexts"]);
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

describe("r4ec", { timeout: 300_000, concurrent: true }, () => {
  test("run tells on stderr what each stage made, and prints nothing else", () => {
    expect(firstRun).toMatchObject({ code: 0, stdout: "" });
    expect(firstRun.stderr).toMatch(
      /^ingest +\d+\.\d s +interactions 1,200, items 60, .*users 40$/m,
    );
    expect(firstRun.stderr).toMatch(/^contexts +\d+\.\d s +user_contexts 40, item_contexts 60$/m);
    expect(firstRun.stderr).not.toContain("\u001b"); // no colours, no moving bar: it is no terminal
  });

  test("--help teaches: commands, examples, exit codes", async () => {
    const { code, stdout, stderr } = await cli.run(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/Examples:\n +r4ec run pipelines\/quickstart\.yaml/);
    expect(stdout).toMatch(/Exit codes: 0 done, 1 the run failed, 2 bad usage/);
    for (const command of [
      "run",
      "plan",
      "status",
      "sql",
      "profile",
      "report",
      "score",
      "encode",
      "export-sft",
      "schema",
      "doctor",
    ]) {
      expect(stdout).toMatch(new RegExp(`^ +${command} .*\\w`, "m"));
    }
  });

  test.each([
    "run",
    "plan",
    "describe",
    "sql",
    "profile",
    "score",
    "encode",
    "export-sft",
    "synth",
    "fetch",
  ])("%s --help fits 80 columns", async (command) => {
    const { stdout } = await cli.run([command, "--help"]);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("output that nobody reads any more is no error", async () => {
    const command = `"${process.execPath}" "${cli.main}" schema | true; exit \${PIPESTATUS[0]}`;
    const { stderr } = await promisify(execFile)("bash", ["-c", command]);
    expect(stderr).toBe("");
  });

  test("doctor tries every part and ends; engines that are not there are no fault", async () => {
    const { code, stdout } = await cli.run(["doctor"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {2}tfjs +optional engine; can train on: .*cpu$/m);
    expect(stdout).toMatch(/^ {20}for node-gpu: npm install @tensorflow\/tfjs-node-gpu@/m);
    const json = await cli.run(["doctor", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ checks: [{}, {}, {}, { name: "tfjs" }] });
  });

  test("schema prints JSON Schema and nothing else", async () => {
    const { code, stdout, stderr } = await cli.run(["schema"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      type: "object",
      properties: { train: { properties: { epochs: { default: 20 } } } },
    });
  });

  test("status shows each stage, also for programs", async () => {
    const { code, stdout } = await cli.run(["status", runDir]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tiny \(leakfree\)/);
    expect(stdout).toMatch(/^ingest +done +1\/1 tasks +\d+\.\d s +interactions 1,200/m);
    expect(stdout).toMatch(/^knowledge +missing +0\/10 tasks$/m);
    expect(stdout).toMatch(/^train +missing$/m);
    const json = await cli.run(["status", runDir, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      name: "tiny",
      stages: [{ stage: "ingest", state: "done" }, ...Array.from({ length: 12 }, () => ({}))],
    });
  });

  test("sql --format json prints JSON on stdout and nothing else", async () => {
    const query = "select split, count(*) as n from samples group by split order by split";
    const json = await cli.run(["sql", runDir, query, "--format", "json"]);
    expect(json).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(json.stdout)).toEqual([
      { split: "test", n: 240 },
      { split: "train", n: 440 },
      { split: "valid", n: 120 },
    ]);
  });

  test("sql shows a thousand rows unless told otherwise, and says beside them that there are more", async () => {
    const query = "select rn from timeline";
    const csv = await cli.run(["sql", runDir, query, "--format", "csv"]);
    expect(csv.code).toBe(0);
    expect(csv.stdout.trim().split("\n")).toHaveLength(1 + 1000);
    expect(csv.stderr).toBe("r4ec: only the first 1,000 rows are shown: --all shows every row\n");
    const all = await cli.run(["sql", runDir, query, "--format", "json", "--all"]);
    expect(all).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(all.stdout)).toHaveLength(1200);
    const some = await cli.run(["sql", runDir, query, "--limit", "2"]);
    expect(some.stdout.trim().split("\n")).toHaveLength(4 + 2);
  });

  test("sql --saved lists saved queries, or runs one with its parameters", async () => {
    const list = await cli.run(["sql", runDir, "--format", "json", "--saved"]);
    expect(JSON.parse(list.stdout)).toContainEqual({
      ...{ name: "history_lengths", parameters: "" },
      about: "rows of each split by history length.",
    });
    const given = ["--saved", "attribute_values", "--param", "top=1", "--format", "csv"];
    const values = await cli.run(["sql", runDir, ...given]);
    expect(values).toMatchObject({ code: 0, stderr: "" });
    expect(values.stdout).toContain("\nuser,gender,F,20,0.5,2\n");
    const early = await cli.run(["sql", runDir, "--saved", "slices"]);
    expect(early).toMatchObject({ code: 1, stdout: "" });
    expect(early.stderr).toMatch(
      /reads the table slices, .*: the stage train makes it; go on with/,
    );
  });

  test("sql --output writes every row to a new file, whose name says the format", async () => {
    const path = join(folder, "it's.parquet");
    const write = () => cli.run(["sql", runDir, "from timeline;", "--output", path]);
    expect(await write()).toMatchObject({
      code: 0,
      stdout: "",
      stderr: `r4ec: ${path}: 1,200 rows\n`,
    });
    const again = await write();
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toMatch(/it's\.parquet already exists; remove it or choose/);
    const csv = join(folder, "rows.csv");
    await cli.run(["sql", runDir, "select rn from timeline", "--output", csv]);
    expect((await readFile(csv, "utf8")).trim().split("\n")).toHaveLength(1 + 1200);
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("sql --safe-for-spreadsheets writes formulas as texts, and is refused for what is no CSV", async () => {
    const ask = (...options: readonly string[]) =>
      cli.run(["sql", runDir, "select '=1+1' as a", "--safe-for-spreadsheets", ...options]);
    expect(await ask("--format", "csv")).toMatchObject({ code: 0, stdout: "a\n'=1+1\n" });
    const path = join(folder, "formulas.csv");
    expect(await ask("--output", path)).toMatchObject({ code: 0 });
    expect(await readFile(path, "utf8")).toBe("a\n'=1+1\n");
    for (const options of [[], ["--format", "json"], ["--output", join(folder, "f.parquet")]]) {
      const refused = await ask(...options);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain("--safe-for-spreadsheets is for CSV: add --format csv");
    }
  });

  test("sql reads statements from stdin, and fails at the first that fails", async () => {
    const ask = (text: string) =>
      promisify(execFile)("bash", [
        "-c",
        `printf '%s' "$1" | "${process.execPath}" "${cli.main}" sql "${runDir}" --format csv`,
        ...["bash", text],
      ]);
    expect(await ask("select 1 as a;\n.limit 1\nselect 2 as b")).toMatchObject({
      ...{ stdout: "a\n1\nb\n2\n", stderr: "" },
    });
    await expect(ask("select 1 as a;\nselect x;\nselect 3;")).rejects.toMatchObject({
      ...{ code: 1, stdout: "a\n1\n" },
      stderr: expect.stringMatching(/^r4ec: line 2: query: Binder Error/) as unknown,
    });
  });

  test("profile writes one page about the dataset", async () => {
    const out = join(folder, "profile.html");
    expect(await cli.run(["profile", runDir, "--out", out])).toMatchObject({ code: 0, stdout: "" });
    const page = await readFile(out, "utf8");
    expect(page).toContain("<title>tiny: r4ec profile</title>");
    expect(page).toContain("Items by genre");
  });

  test("Ctrl-C ends a query with 130", async () => {
    const asked = cli.start(["sql", runDir, "select count(*) from range(1000000000000)"]);
    const interrupt = setInterval(() => {
      asked.kill("SIGINT");
    }, 1000); // twice if need be: before the first is heard, the process ends at once
    const { code, signal } = await asked.ended;
    clearInterval(interrupt);
    expect(code ?? signal).toSatisfy((end: unknown) => end === 130 || end === "SIGINT");
  });

  test("a run goes on where its log and an encoder are not, and tells what is done of it", async () => {
    const copy = join(folder, "copy");
    for (const part of ["pipeline.yaml", "manifests", "stages", "tables"]) {
      await cp(join(runDir, part), join(copy, part), { recursive: true });
    }
    const elsewhere = ["--set", "dataset.path=gone", "--set", "encode.encoder=./gone"];
    const args = ["run", file, "--out", copy, ...elsewhere];
    const resumed = await cli.run([...args, "--from", "contexts", "--to", "contexts"]);
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stderr).toMatch(/^contexts +kept/m);
    const { stages } = JSON.parse((await cli.run(["status", copy, "--json"])).stdout) as RunStatus;
    const states = Object.fromEntries(stages.map(({ stage, state }) => [stage, state]));
    expect(states).toMatchObject({ ingest: "done", contexts: "done", encode: "missing" });
    const whole = await cli.run(args);
    expect(whole).toMatchObject({ code: 1, stdout: "" });
    expect(whole.stderr).toContain("gone");
  });

  test("sql fails on a statement that writes", async () => {
    const result = await cli.run(["sql", runDir, "copy samples to 'x.csv'"]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(/^r4ec: COPY is not allowed: a run is read-only here/);
  });

  test.each(["sql", "status", "profile", "report"])(
    "%s refuses a folder that is no run",
    async (command) => {
      const query = command === "sql" ? ["select 1"] : [];
      const other = await cli.run([command, folder, ...query]);
      expect(other).toMatchObject({ code: 1, stdout: "" });
      expect(other.stderr).toBe(
        `r4ec: ${folder} is not a run folder (it has no pipeline.yaml); ` +
          'give the folder that "r4ec run" wrote, such as runs/quickstart\n',
      );
    },
  );

  test.each<[string, () => readonly string[], RegExp]>([
    ["an unknown command", () => ["rum"], /unknown command 'rum'[^]*Did you mean run\?/],
    ["an unknown option", () => ["run", file, "--sett", "a=b"], /unknown option '--sett'/],
    [
      "an unknown stage",
      () => ["run", file, "--to", "trian"],
      /'trian' is invalid.*knowledge, encode/,
    ],
    [
      "an unknown engine",
      () => ["run", file, "--engine", "torch"],
      /'torch' is invalid.*onnx, tfjs/,
    ],
    [
      "a number of threads that is none",
      () => ["run", file, "--threads", "all"],
      /'all' is invalid\. Expected a whole number >= 1\./,
    ],
    [
      "a missing pipeline file",
      () => ["run", join(folder, "none.yaml")],
      /cannot read the pipeline file .*none\.yaml: ENOENT/,
    ],
    [
      "a bad limit",
      () => ["sql", runDir, "select 1", "--limit", "few"],
      /--limit: expected an integer >= 1, got few/,
    ],
    [
      "a query and a saved one",
      () => ["sql", runDir, "--saved", "splits", "--", "select 1"],
      /not both/,
    ],
    ["a parameter of nothing", () => ["sql", runDir, "select 1", "--param", "a=1"], /--saved/],
    [
      "parquet without a file",
      () => ["sql", runDir, "select 1", "--format", "parquet"],
      /needs --output FILE/,
    ],
    ["a file for a shell", () => ["sql", runDir, "--output", "x.csv"], /needs a query or --saved/],
    [
      "all and some",
      () => ["sql", runDir, "select 1", "--all", "--limit", "3"],
      /'--all' cannot be used with option '--limit/,
    ],
  ])("%s is bad usage: exit code 2 and a message", async (_what, args, message) => {
    const result = await cli.run(args());
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/ at .*\.js:\d+/); // no stack
  });

  test("an unknown setting or stage in the pipeline file is named with its line", async () => {
    const bad = join(folder, "bad.yaml");
    await writeFile(bad, "name: bad\ntrian:\n  epochs: 1\n");
    const result = await cli.run(["run", bad, "--out", join(folder, "bad")]);
    expect(result).toMatchObject({
      code: 2,
      stdout: "",
      stderr: `r4ec: ${bad}:2: unknown setting trian; did you mean train?\n`,
    });
    expect(existsSync(join(folder, "bad"))).toBe(false);
  });

  test("an output folder that cannot be made fails at once, with the reason and the cure", async () => {
    const out = join(file, "below", "run");
    const result = await cli.run(["run", file, "--out", out]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(
      /^r4ec: cannot write to the run folder .*run: .*tiny\.yaml'\. Choose another with --out\.\n$/,
    );
  });

  test("bad data fail with the place of the fault and leave no table behind", async () => {
    const bad = join(folder, "bad-data");
    const pipeline = await writeTinyPipeline(bad);
    const ratings = join(bad, "ml", "ratings.dat");
    const lines = (await readFile(ratings, "utf8")).split("\n");
    await writeFile(ratings, lines.with(2, "3::1::9::956700180").join("\n"));
    const out = join(bad, "run");
    const result = await cli.run(["run", pipeline, "--out", out]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(/^r4ec: .*ratings\.dat[^]*line 3/m);
    const parts = await readdir(join(out, "tables"), { recursive: true });
    expect(parts.filter((name) => name.endsWith(".parquet"))).toEqual([]);
    expect((await cli.run(["status", out])).stdout).toMatch(/^ingest +missing +0\/1 tasks$/m);
  });
});

describe("r4ec run --json", { timeout: 300_000 }, () => {
  test("prints results.json and nothing else on stdout", async () => {
    const base = ["--set", "train.variants=[base]", "--set", "train.epochs=1"];
    const result = await cli.run(["run", file, "--out", runDir, "--json", ...base]);
    expect(result).toMatchObject({ code: 0, signal: null });
    expect(JSON.parse(result.stdout)).toEqual(
      JSON.parse(await readFile(join(runDir, "results.json"), "utf8")),
    );
    expect(result.stderr).toMatch(/^ingest +kept/m);
    expect(result.stderr).toMatch(/report: .*report\/index\.html/);
  });
});

describe("r4ec run --engine", { timeout: 300_000 }, () => {
  test("trains on another engine, in its worker, to the same numbers", async () => {
    const settings = ["train.variants=[base]", "train.epochs=1", "train.device=wasm"];
    const result = await cli.run([
      ...["run", file, "--out", runDir, "--json", "--engine", "tfjs", "--threads", "1"],
      ...settings.flatMap((setting) => ["--set", setting]),
    ]);
    expect(result).toMatchObject({ code: 0, signal: null });
    const trained = await readFile(join(runDir, "pipeline.yaml"), "utf8");
    expect(trained).toMatch(/^ {2}engine: tfjs$/m);
    expect(trained).toMatch(/^ {2}threads: 1$/m);
    const query = "select train_loss, auc from training_log cross join results";
    const onTfjs = await cli.run(["sql", runDir, query, "--format", "json"]);
    const onOnnx = settings.slice(0, 2).flatMap((setting) => ["--set", setting]);
    await cli.run(["run", file, "--out", runDir, ...onOnnx]);
    const other = await cli.run(["sql", runDir, query, "--format", "json"]);
    const [tfjs, onnx] = [onTfjs, other].map(
      ({ stdout }) => JSON.parse(stdout) as readonly { train_loss: number; auc: number }[],
    );
    expect(tfjs).toHaveLength(1);
    expect(tfjs?.[0]?.train_loss).toBeCloseTo(onnx?.[0]?.train_loss ?? Number.NaN, 5);
    expect(tfjs?.[0]?.auc).toBeCloseTo(onnx?.[0]?.auc ?? Number.NaN, 2);
    expect(onTfjs.stdout).not.toBe(other.stdout); // rounding differs, so that both were used
  });
});
