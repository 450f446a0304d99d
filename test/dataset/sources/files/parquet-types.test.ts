import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parquetSource } from "../../../../src/dataset/sources/files/parquet/parquet-source.ts";
import { loadedEvents, loadedRejects, loadSource } from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";
import { parquetFile, textFile } from "../../../util/source-files.ts";

const memory = useMemoryDatabase();

const columns = { user: "u", item: "i", time: "t", rating: "r" };

/** Settings of Parquet files, each of one query's rows. */
async function partsOf(...queries: readonly string[]) {
  const interactions: string[] = [];
  for (const [k, sql] of queries.entries()) {
    interactions.push(await parquetFile(memory, `part-${k}.parquet`, sql));
  }
  return { source: "parquet", interactions, columns };
}

const second = "2023-11-14T22:13:20.000Z";

describe("parts of several types", () => {
  test.each([
    ["whole numbers and fractions", "4::integer", "3.5::double", 3.5],
    ["fractions and whole numbers", "4.5::double", "3::bigint", 3],
    ["32 bits and 64", "4::double", "0.3::float", 0.3],
    ["decimals of two scales", "4.25::decimal(4,2)", "3.125::decimal(6,3)", 3.125],
    ["numbers and texts", "4::integer", "'3.5'", 3.5],
    ["8 bits and 64", "4::tinyint", "4000000000::bigint", 4_000_000_000],
  ])("%s: no rating is rounded", async (_, one, other, expected) => {
    await loadSource(
      memory,
      await partsOf(
        `select 1 as u, 1 as i, 1700000000 as t, ${one} as r`,
        `select 1 as u, 2 as i, 1700000000 as t, ${other} as r`,
      ),
    );
    expect((await loadedEvents(memory)).map(([, , rating]) => rating)[1]).toBe(expected);
  });

  test.each([
    [
      "integer and double",
      "1700000000::integer",
      "1700000000.25::double",
      "2023-11-14T22:13:20.250Z",
    ],
    ["date and timestamp", "date '2023-11-14'", "timestamp '2023-11-14 22:13:20'", second],
    [
      "timestamp and one with a zone",
      "timestamp '2023-11-14'",
      "timestamptz '2023-11-15 00:13:20+02'",
      second,
    ],
    ["date and text", "date '2023-11-14'", "'2023-11-15T00:13:20+02:00'", second],
  ])("times: %s", async (_, one, other, expected) => {
    await loadSource(
      memory,
      await partsOf(
        `select 1 as u, 1 as i, ${one} as t, 4 as r`,
        `select 1 as u, 2 as i, ${other} as t, 4 as r`,
      ),
    );
    expect((await loadedEvents(memory)).map(([, , , ts]) => ts)[1]).toBe(expected);
  });

  test("ids: integers in one part and texts in another are texts", async () => {
    await loadSource(
      memory,
      await partsOf(
        "select 12 as u, 1::bigint as i, 1700000000 as t, 4 as r",
        "select 'ff' as u, 2.0::double as i, 1700000001 as t, 4 as r",
        "select 12.0::double as u, 3::utinyint as i, 1700000002 as t, 4 as r",
      ),
    );
    const rows = await memory.db.rows(
      "select source_id, item_id from source_interactions join user_dictionary using (user_id) order by file_row",
    );
    expect(rows).toEqual([
      { source_id: "12", item_id: 1 },
      { source_id: "ff", item_id: 2 },
      { source_id: "12", item_id: 3 },
    ]);
  });

  test("rows keep file and line, and bad ones are told by them, though types alternate", async () => {
    const settings = await partsOf(
      "select 1 as u, 1 as i, 1700000000 as t, 4 as r",
      "select 2 as u, 1 as i, 1700000001 as t, 0.5::double as r union all select 3, 1, 1700000002, 'inf'",
      "select 4 as u, 1 as i, 1700000003 as t, 4 as r union all select 5, 1, null, 5",
    );
    const source = await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect((await loadedEvents(memory)).map(([user]) => user)).toEqual([1, 2, 4]);
    expect(source.isUnordered).toBe(true);
    expect((await loadedRejects(memory)).map(([line, reason]) => [line, reason])).toEqual([
      [2, "the rating is not a finite number below 2^53"],
      [2, "the time is missing"],
    ]);
    expect(await source.describeRow?.(2 * 2 ** 40)).toMatch(/part-2\.parquet: line 1$/);
  });

  test("a part without rows decides nothing, whatever its types", async () => {
    await loadSource(
      memory,
      await partsOf(
        "select null::integer as nothing where false",
        "select ['a'] as u, 1 as i, 't' as t, 4 as r where false",
        "select 'ann' as u, 1 as i, 1700000000 as t, 4.5 as r",
      ),
    );
    expect(await loadedEvents(memory)).toEqual([[1, 1, 4.5, second]]);
  });

  test("names in another case, other columns and another order are no other types", async () => {
    const source = await loadSource(
      memory,
      await partsOf(
        "select 1 as u, 1 as i, 1700000000 as t, 4 as r, 'x' as more",
        "select 3 as R, 1700000001 as t, 2 as I, 1 as U",
      ),
    );
    expect((await loadedEvents(memory)).map(([, item, rating]) => [item, rating])).toEqual([
      [1, 4],
      [2, 3],
    ]);
    expect(source.isUnordered).toBe(false);
  });

  test("a part that lacks a column is named with those it has", async () => {
    const settings = await partsOf(
      "select 1 as u, 1 as i, 1700000000 as t, 4 as r",
      "select 1 as u, 1 as i, 1700000000 as t",
    );
    await expect(loadSource(memory, settings)).rejects.toThrow(
      /^dataset\.columns\.rating: .*part-1\.parquet has no column r, only u, i, t$/,
    );
  });

  test("lists beside single values are refused, naming both files", async () => {
    const settings = await partsOf(
      "select 1 as u, 1 as i, 1700000000 as t, 4 as r",
      "select 1 as u, [1] as i, 1700000000 as t, 4 as r",
    );
    await expect(loadSource(memory, settings)).rejects.toThrow(
      /column i of .*part-1\.parquet holds INTEGER\[\], and that of .*part-0\.parquet INTEGER; write them alike/,
    );
  });

  test("attributes may be lists, of any type", async () => {
    const settings = await partsOf(
      "select 1 as u, 1 as i, 1700000000 as t, 4 as r",
      "select 1 as u, 2 as i, 1700000001 as t, 4 as r",
    );
    const path = [
      await parquetFile(
        memory,
        "items-0.parquet",
        "select 1 as item_id, 'A' as title, ['x', 'y'] as genre",
      ),
      await parquetFile(
        memory,
        "items-1.parquet",
        "select 2 as item_id, 'B' as title, [7] as genre",
      ),
    ];
    await loadSource(memory, { ...settings, items: { path, attributes: ["genre"] } });
    const items = await memory.db.rows("select attributes from source_items order by item_id");
    expect(items).toEqual([
      { attributes: { genre: ["x", "y"] } },
      { attributes: { genre: ["7"] } },
    ]);
  });
});

describe("a URL of several files", () => {
  const wanted = ["u", "i"].map((name) => ({ name, setting: `dataset.columns.${name}` }));
  const open = () => {
    const path = `${memory.dir}/in/url-*.parquet`;
    const file = { path, format: "parquet", bytes: null, changedMs: null } as const;
    return parquetSource(memory.db, [file], wanted);
  };

  test("is read where all have the same columns, and refused where they differ", async () => {
    await parquetFile(memory, "url-0.parquet", "select 1 as u, 2 as i");
    await parquetFile(memory, "url-1.parquet", "select 3 as u, 4 as i");
    const { select } = await open();
    const rows = await memory.db.rows(`select c0, c1 from (${select}) order by 1`);
    expect(rows.map(({ c0, c1 }) => [c0, c1])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    await parquetFile(memory, "url-2.parquet", "select 5.5::double as u, 4 as i");
    await expect(open()).rejects.toThrow(/url-\*\.parquet: the files there have different columns/);
  });
});

describe("texts stored as bytes", () => {
  test("are texts: ids, events, titles and attributes", async () => {
    const interactions = await parquetFile(
      memory,
      "log.parquet",
      "select encode('žena') as u, encode('I''1') as i, 1700000000 as t, encode('dát') as e",
    );
    const path = await parquetFile(
      memory,
      "items.parquet",
      `select encode('I''1') as item_id, encode('Čas "1"') as title, encode('Kříž') as genre`,
    );
    await loadSource(memory, {
      ...{ source: "parquet", interactions, items: { path, attributes: ["genre"] } },
      columns: { user: "u", item: "i", time: "t", event: "e", positiveEvents: ["dát"] },
    });
    expect((await loadedEvents(memory)).map(([, , rating]) => rating)).toEqual([1]);
    const ids = await memory.db.rows("select source_id from user_dictionary");
    expect(ids).toEqual([{ source_id: "žena" }]);
    const items = await memory.db.rows("select title, attributes from source_items");
    expect(items).toEqual([{ title: 'Čas "1"', attributes: { genre: ["Kříž"] } }]);
  });

  test("bytes that are no text are a bad row that says so", async () => {
    const interactions = await parquetFile(
      memory,
      "log.parquet",
      "select u, 1 as i, 1700000000 as t, 4 as r from (values ('\\xFF\\x00'::blob), (encode('ok'))) as e(u)",
    );
    const settings = { source: "parquet", interactions, columns, onBadRow: "skip", maxBadShare: 1 };
    await loadSource(memory, settings);
    expect((await loadedRejects(memory)).map(([line, reason]) => [line, reason])).toEqual([
      [1, "column u is not valid UTF-8"],
    ]);
  });
});

describe("folders that are data", () => {
  test("their value is a text in every format; a column of the file goes before it", async () => {
    const row = "1 as i, 1700000000 as t, 5 as r";
    const parts = [
      await parquetFile(memory, "u=007/a.parquet", `select ${row}`),
      await parquetFile(memory, "u=a%2Fb/a.parquet", `select ${row}`),
      await parquetFile(memory, "u=away/a.parquet", `select 'here' as u, ${row}`),
    ];
    await loadSource(memory, { source: "parquet", interactions: parts, columns });
    const ids = await memory.db.rows("select source_id from user_dictionary order by 1");
    expect(ids.map(({ source_id }) => source_id)).toEqual(["007", "a/b", "here"]);
    const text = await textFile(memory, "u=away/a.csv", ["u,i,t,r", "here,1,1700000000,5"]);
    await loadSource(memory, { source: "csv", interactions: text, columns });
    expect(await memory.db.rows("select source_id from user_dictionary")).toEqual([
      { source_id: "here" },
    ]);
  });
});

describe("a damaged file", () => {
  const many =
    "select range as u, range as i, 1700000000 + range as t, hash(range)::varchar as r from range(1, 3000)";

  test("among good ones is named, without advice for others", async () => {
    const settings = await partsOf(many, many, many);
    const path = settings.interactions[1] ?? "";
    const bytes = await readFile(path);
    bytes.fill(0xff, 2000, 9000);
    await writeFile(path, bytes);
    await expect(loadSource(memory, settings)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        /part-1\.parquet cannot be read: [^\n]+\nFix or replace the file and run again\.$/,
      ) as unknown,
    });
  });

  test("cut off is named", async () => {
    const settings = await partsOf(many, many);
    const path = settings.interactions[1] ?? "";
    await writeFile(path, (await readFile(path)).subarray(0, 5000));
    await expect(loadSource(memory, settings)).rejects.toThrow(/part-1\.parquet is cut off: /);
  });
});
