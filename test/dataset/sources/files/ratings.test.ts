import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { keptFacts } from "../../../../src/dataset/sources/describe-kept.ts";
import { quote } from "../../../../src/tables/quote.ts";
import { sqlFile } from "../../../../src/tables/sql-file.ts";
import { makeFolder } from "../../../util/hand-made-task.ts";
import { loadedEvents, loadSource } from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";

const memory = useMemoryDatabase();

const columns = { user: "u", item: "i", time: "t", rating: "r" };

/** Writes ratings of one user as a file of a format, Parquet with a type, and loads them. */
async function load(format: string, ratings: readonly string[], positiveAbove = 3): Promise<void> {
  const folder = await makeFolder(join(memory.dir, "in"), {});
  const [, source = "", type = ""] = /^(\w+)(?: (.+))?$/.exec(format) ?? [];
  const path = join(folder, `log.${source}`);
  const rows = ratings.map((rating, k) => `(1, ${k + 1}, 1700000000 + ${k}, ${quote(rating)})`);
  const selected = type === "" ? "r" : `cast(r as ${type}) as r`;
  await memory.db.run(
    `copy (select u, i, t, ${selected} from (values ${rows.join(", ")}) as e(u, i, t, r)) to ${quote(path)} (format ${source})`,
  );
  await loadSource(memory, { source, interactions: path, columns, positiveAbove });
}

async function labels(positive_above: number): Promise<readonly unknown[]> {
  const rows = await memory.db.rows(sqlFile("ingest/interactions"), { positive_above });
  return rows
    .toSorted((a, b) => Number(a["file_row"]) - Number(b["file_row"]))
    .map((row) => row["label"]);
}

const formats = [
  "csv",
  "json",
  "parquet FLOAT",
  "parquet DOUBLE",
  "parquet DECIMAL(9,4)",
  "parquet VARCHAR",
];

describe("a rating and the threshold", () => {
  test.each(formats)("are compared as they are written: %s", async (format) => {
    const written = ["0.2", "0.55", "0.6", "0.61", "1.2", "3.9", "4.3", "-0.6"];
    await load(format, written);
    for (const above of [0.2, 0.55, 0.6, 1.2, 3.9, 4.3, -0.6]) {
      const expected = written.map((rating) => Number(Number(rating) > above));
      expect(await labels(above), `above ${above}`).toEqual(expected);
      const positives = expected.filter((label) => label === 1).length;
      const { positiveShare } = await keptFacts(memory.db, above);
      expect(positiveShare).toBeCloseTo(positives / written.length, 12);
    }
    const events = await loadedEvents(memory);
    expect(events.map(([, , rating]) => rating)).toEqual(written.map(Number));
  });

  test.each([
    "csv",
    "json",
    "parquet BIGINT",
    "parquet DOUBLE",
    "parquet UBIGINT",
    "parquet DECIMAL(18,0)",
  ])("whole numbers above 2^24 keep their value: %s", async (format) => {
    const written = [2 ** 24, 2 ** 24 + 1, 2 ** 53 - 2, 2 ** 53 - 1].map(String);
    await load(format, written);
    expect(await labels(2 ** 24)).toEqual([0, 1, 1, 1]);
    expect(await labels(2 ** 53 - 2)).toEqual([0, 0, 0, 1]);
  });

  test.each(["csv", "parquet BIGINT", "parquet HUGEINT", "parquet DOUBLE"])(
    "a number that would be rounded is a bad row: %s",
    async (format) => {
      await expect(load(format, ["4", String(2n ** 53n + 1n)])).rejects.toThrow(
        "1 x the rating is not a finite number below 2^53",
      );
    },
  );
});
