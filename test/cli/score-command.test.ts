import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;
let runDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-score-test-"));
  const file = await writeTinyPipeline(folder);
  runDir = join(folder, "run");
  cli = await buildCli();
  const variants = ["--set", "train.variants=[base, base+stats, permuted]"];
  await cli.run(["run", file, "--out", runDir, "--to", "train", ...variants]);
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

const sql = async (query: string): Promise<string> =>
  (await cli.run(["sql", runDir, query, "--format", "csv"])).stdout;

describe("r4ec score", { timeout: 300_000 }, () => {
  test.each(["base", "base+stats", "permuted"])(
    "gives the run's own test rows what %s gave them",
    async (variant) => {
      const rows = join(folder, "rows.csv");
      const out = join(folder, "scored.csv");
      const ordered = "where split = 'test' order by item_id, user_id";
      await writeFile(rows, await sql(`select user_id, item_id, ts from samples ${ordered}`));
      const run = await cli.run(["score", runDir, rows, "--variant", variant, "--out", out]);
      expect(run).toMatchObject({ code: 0, stdout: "" });
      expect(run.stderr).toContain(`model: dcn ${variant} seed 1 (the only one that fits)`);
      expect(run.stderr).toContain(`240 rows: ${out}`);
      const predicted = await sql(
        `select probability from predictions join samples using (user_id, rn, item_id)
         where variant = '${variant}' and split = 'test' order by item_id, user_id`,
      );
      const [header, ...lines] = (await readFile(out, "utf8")).trim().split("\n");
      expect(header).toBe("user_id,item_id,ts,probability");
      const expected = predicted.trim().split("\n").slice(1);
      expect(lines).toHaveLength(240);
      lines.forEach((line, row) => {
        const probability = Number(line.split(",").at(-1));
        expect(Math.abs(probability - Number(expected[row]))).toBeLessThan(1e-6);
      });
    },
  );

  test("writes what a spreadsheet would run as texts where asked to", async () => {
    const rows = join(folder, "formulas.csv");
    await writeFile(rows, "user_id,item_id,note\n1,2,=1+1\n");
    const out = join(folder, "formulas-scored.csv");
    const score = ["score", runDir, rows, "--variant", "base", "--safe-for-spreadsheets"];
    expect(await cli.run([...score, "--out", out])).toMatchObject({ code: 0 });
    expect(await readFile(out, "utf8")).toMatch(
      /^user_id,item_id,note,probability\n1,2,'=1\+1,0\./,
    );
    expect(await cli.run(score)).toMatchObject({ code: 2 }); // predictions.parquet
  });

  test("without a choice it takes the best by validation, and says which", async () => {
    const rows = join(folder, "two.jsonl");
    await writeFile(rows, '{"user_id": 1, "item_id": 2}\n{"user_id": 999, "item_id": 888}\n');
    const out = join(folder, "two.parquet");
    const { code, stderr } = await cli.run(["score", runDir, rows, "--out", out]);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^model: dcn \S+ seed 1 \(highest AUC on the valid split, 0\.\d{4}, of 3 models\)$/m,
    );
    expect(stderr).toMatch(/^1 row with an unknown item: .*; first row 2, item 888$/m);
    expect(stderr).toMatch(/^1 row with an unknown user: .*; first row 2, user 999$/m);
  });

  test("errors say what to do: a faulty file 1, bad usage 2; nothing is left behind", async () => {
    const rows = join(folder, "bad.csv");
    const out = join(folder, "bad.parquet");
    await writeFile(rows, "user_id,item_id\n1,888\n");
    const score = (...args: string[]) => cli.run(["score", runDir, rows, "--out", out, ...args]);
    const strict = await score("--strict");
    expect(strict.code).toBe(1);
    expect(strict.stderr).toContain("bad.csv, row 1: item 888 is not in the run");
    const unknown = await score("--backbone", "autoint");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("no such model; the run has dcn base seed 1");
    const seed = await score("--seed", "one");
    expect(seed).toMatchObject({ code: 2, stdout: "" });
    expect(seed.stderr).toContain("--seed: expected a whole number, got one");
    expect((await readdir(folder)).filter((name) => name.startsWith("bad"))).toEqual(["bad.csv"]);
  });
});
