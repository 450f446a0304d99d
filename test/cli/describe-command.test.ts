import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildCli, type BuiltCli } from "./built-cli.ts";

let cli: BuiltCli;
let folder: string;
let log: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-describe-test-"));
  log = join(folder, "log.csv");
  await writeFile(log, "u,i,t,r\n1,10,1700000000,5\n2,10,1700000001,3\n2,20,\u001b[31m,4\n");
  await writeFile(
    join(folder, "p.yaml"),
    `dataset: { source: csv, interactions: ${log}, columns: { user: u, item: i, time: t, rating: r } }\n`,
  );
  cli = await buildCli();
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

describe("r4ec describe", { timeout: 300_000 }, () => {
  test("says what the source holds and what a run would stop for; nothing from a file reaches the terminal raw", async () => {
    const { code, stdout, stderr } = await cli.run(["describe", join(folder, "p.yaml")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "source csv",
      `interactions: 1 file(s), 57 bytes, first ${log}`,
      "  u VARCHAR, i VARCHAR, t VARCHAR, r VARCHAR",
      "columns of the interactions:",
      "  user   u VARCHAR, integer ids, kept; missing in 0 rows",
      "  item   i VARCHAR, integer ids, kept; missing in 0 rows",
      "  time   t VARCHAR, in seconds since 1970; missing in 0 rows",
      "  rating r VARCHAR; missing in 0 rows",
      "rows:",
      "  3 read",
      "  1 bad row: the time is not in seconds since 1970",
      "  2 kept",
      "left out, by reason:",
      `  1 of interactions: the time is not in seconds since 1970; first ${log}: line 4: 2 | 20 | �[31m | 4`,
      "kept: 2 interactions of 2 users with 1 items, 50.0 % positive, 2023-11-14T22:13:20.000Z to 2023-11-14T22:13:21.000Z; 0 repeat an earlier event",
      "a run would stop because of:",
      "  1 bad rows (dataset.onBadRow, dataset.maxBadShare)",
      expect.stringMatching(
        /^ {2}2 user\(s\) have fewer than the 11 events protocol leakfree needs/,
      ),
      ...["train", "valid", "test"].map(
        (split) =>
          expect.stringContaining(`  protocol leakfree leaves no ${split} rows: `) as string,
      ),
      '  train.attributes: no item has an attribute "genre"; the items have no attributes at all; set it to []',
      "",
    ]);
  });

  test("as JSON, with other settings", async () => {
    const args = ["describe", join(folder, "p.yaml"), "--json", "--set", "dataset.ids=dictionary"];
    const { stdout } = await cli.run(args);
    const report = JSON.parse(stdout) as {
      readonly columns: readonly { readonly taken: string }[];
    };
    expect(report.columns[0]?.taken).toBe("texts, numbered");
    expect(report).toMatchObject({ source: "csv", kept: { rows: 2, users: 2, items: 1 } });
  });

  test("the range of the weights, where a column is the weight", async () => {
    const args = ["describe", join(folder, "p.yaml"), "--set", "dataset.columns.weight=r"];
    const { stdout } = await cli.run(args);
    expect(stdout).toContain("  weight r VARCHAR; missing in 0 rows\n");
    expect(stdout).toContain(
      "\nweights: 3 to 5, 4.000 on average; 0 rows of weight 0 are ignored in training\n",
    );
  });

  test("an error of the source is told as of a run", async () => {
    const args = ["describe", join(folder, "p.yaml"), "--set", "dataset.columns.user=who"];
    const { code, stderr } = await cli.run(args);
    expect(code).toBe(1);
    expect(stderr).toBe(`r4ec: dataset.columns.user: ${log} has no column who, only u, i, t, r\n`);
  });
});
