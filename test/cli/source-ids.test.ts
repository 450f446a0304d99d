import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quote } from "../../src/tables/quote.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";

const memory = useMemoryDatabase();
const [users, items] = [24, 20];
let cli: BuiltCli;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-ids-test-"));
  cli = await buildCli();
}, 120_000);
afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Numbers that sort otherwise as texts: 9 after 10, so that the dictionary's numbers are those of others. */
const itemName = (item: number): string => String(item + 1);
const userName = (user: number): string => (user % 2 === 0 ? `viewer ${user} ñ` : String(user));

async function writeLog(): Promise<string> {
  const rows = Array.from({ length: users * 16 }, (_none, row) => {
    const [user, step] = [row % users, Math.floor(row / users)];
    const item = (user * 7 + step * 3) % items;
    const time = 1_000_000_000 + step * 86_400 + user;
    return `${userName(user)},${itemName(item)},${1 + ((user + item + step) % 5)},${time}\n`;
  });
  const path = join(folder, "log.csv");
  await writeFile(path, `user,item,stars,time\n${rows.join("")}`);
  return path;
}

describe("a run whose ids dictionaries number", { timeout: 300_000 }, () => {
  test("own vectors, saved queries and scores have the ids of the source", async () => {
    const angle = `radians(10 * id)`;
    await memory.db.run(
      `copy (select id as item_id, [cos(${angle}), sin(${angle})]::float[] as vector from range(1, ${items + 1}) as r(id))
       to ${quote(join(folder, "angles.parquet"))} (format parquet)`,
    );
    const pipeline = join(folder, "ids.yaml");
    await writeFile(
      pipeline,
      `name: ids
dataset:
  source: csv
  interactions: ${await writeLog()}
  columns: { user: user, item: item, rating: stars, time: time }
  ids: dictionary
contexts: { history: 2 }
train:
  variants: [base, { name: angles, items: ${join(folder, "angles.parquet")} }]
  attributes: []
  backbones: [dcn]
  seeds: [1]
  epochs: 1
  batchSize: 32
compare: { resamples: 10 }
runtime: { threads: 2, memoryLimit: 512MB }
`,
    );
    const runDir = join(folder, "run");
    const run = await cli.run(["run", pipeline, "--out", runDir]);
    expect(run).toMatchObject({ code: 0 });
    expect(run.stdout).toMatch(/100\.0 % of the test rows\s+have an item vector/);

    const near = ["--saved", "nearest_items", "--param", "variant=angles", "--param", "top=2"];
    const nearest = await cli.run(["sql", runDir, ...near, "--param", "item=9", "--format", "csv"]);
    const [, ...lines] = nearest.stdout.trim().split("\n");
    expect(lines.map((line) => line.split(",")[1]).sort()).toEqual(["10", "8"]);
    const none = await cli.run(["sql", runDir, ...near, "--param", "item=99"]);
    expect(none.stderr).toContain('nearest_items: the run has no item "99"');

    const rows = join(folder, "rows.csv");
    const select = `select source_user_id(user_id) as user_id, source_item_id(item_id) as item_id, ts, probability as expected
      from predictions join samples using (user_id, rn, item_id) where variant = 'angles' order by ts desc, 1`;
    await cli.run(["sql", runDir, select, "--output", rows]);
    const out = join(folder, "scored.csv");
    const scored = await cli.run([
      "score",
      runDir,
      rows,
      ...["--variant", "angles"],
      "--strict",
      ...["--out", out],
    ]);
    expect(scored.stderr).toContain("rows: ");
    const [header, ...cells] = (await readFile(out, "utf8")).trim().split("\n");
    expect(header).toBe("user_id,item_id,ts,expected,probability");
    expect(cells.length).toBeGreaterThan(20);
    expect(cells.some((line) => line.startsWith("viewer 2 ñ,"))).toBe(true);
    for (const line of cells) {
      const [, , , expected, probability] = line.split(",");
      expect(Number(probability)).toBeCloseTo(Number(expected), 5);
    }
  });
});
