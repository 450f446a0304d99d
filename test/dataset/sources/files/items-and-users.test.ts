import { describe, expect, test } from "vitest";
import {
  loadedCounts,
  loadedEvents,
  loadedRejects,
  loadSource,
} from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";
import { columns, csv, inputFiles } from "./load-files.fixture.ts";

const memory = useMemoryDatabase();
const { file, parquet } = inputFiles(memory);

describe("loadFiles: items and users", () => {
  const interactions = csv("a,x,1700000000,5", "b,y,1700000001,3", "a,z,1700000002,4");
  const itemLines = [
    '{"item_id":"x","title":" A \\n B ","year":"1999-03-01","genre":["g","h"],"tags":"p| q|","plot":"It, [sic] is"}',
    '{"item_id":"y","title":"","genre":[],"tags":null,"plot":["one","two"]}',
    '{"item_id":"unrated","title":"U"}',
  ];
  const items = {
    title: "title",
    year: "year",
    attributes: ["genre", "tags"],
    text: ["plot"],
    listSeparator: "|",
  };

  test("titles, years, lists, separated texts and running texts; an item without a row when it may be kept", async () => {
    const path = await file("items.jsonl", itemLines.join("\n"));
    await loadSource(memory, {
      ...{ source: "csv", interactions: await file("a.csv", interactions), columns },
      items: { path, missing: "keep", ...items },
    });
    expect(await memory.db.rows("select * from source_items order by 1")).toEqual([
      {
        item_id: 1,
        title: "A B",
        year: 1999,
        attributes: { plot: ["It, [sic] is"], genre: ["g", "h"], tags: ["p", "q"] },
      },
      { item_id: 2, title: "y", year: null, attributes: { plot: ["one two"] } },
      { item_id: 3, title: "z", year: null, attributes: {} },
    ]);
  });

  test("an item without a row is an error, or its interactions are left out", async () => {
    const path = await file("items.jsonl", itemLines.join("\n"));
    const log = await file("a.csv", interactions);
    const settings = { source: "csv", interactions: log, columns };
    await expect(loadSource(memory, { ...settings, items: { path } })).rejects.toThrow(
      `1 item(s) of the interactions have no row in dataset.items.path, the first:\n  ${log}: line 4: item z (1 rows)\n`,
    );
    await loadSource(memory, { ...settings, items: { path, missing: "drop" } });
    expect((await loadedEvents(memory)).map(([, item]) => item)).toEqual([1, 2]);
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 3],
      ["no metadata", "the item has no metadata", 1],
      ["kept", "", 2],
    ]);
    expect(await loadedRejects(memory)).toEqual([
      [4, "the item has no metadata", "a | z | 1700000002 | 4"],
    ]);
  });

  test("an item's second row is a bad row", async () => {
    const path = await file("items.csv", "item_id,title\nx,X\ny,Y\nx,Again\nz,Z\n");
    const settings = {
      source: "csv",
      interactions: await file("a.csv", interactions),
      columns,
      items: { path },
    };
    await expect(loadSource(memory, settings)).rejects.toThrow(
      `${path}: line 4: the item has a row before: x | Again`,
    );
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 0.25 });
    expect(await loadedRejects(memory, "items")).toEqual([
      [4, "the item has a row before", "x | Again"],
    ]);
    const titles = await memory.db.rows("select title from source_items order by item_id");
    expect(titles.map(({ title }) => title)).toEqual(["X", "Y", "Z"]);
  });

  test("users with attributes, from Parquet", async () => {
    const path = await parquet(
      "users.parquet",
      "select 'a' as user_id, 'f' as sex, 30 as age union all select 'c', 'm', null",
    );
    await loadSource(memory, {
      ...{ source: "csv", interactions: await file("a.csv", interactions), columns },
      users: { path, attributes: ["sex", "age"] },
    });
    expect(await memory.db.rows("select * from source_users")).toEqual([
      { user_id: 1, attributes: { sex: ["f"], age: ["30"] } },
    ]);
  });
});
