import { describe, expect, test } from "vitest";
import { loadedEvents, loadSource } from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";
import { columns, csv, inputFiles } from "./load-files.fixture.ts";

const memory = useMemoryDatabase();
const { file } = inputFiles(memory);

describe("loadFiles: ids", () => {
  const lines = [
    "bob,y,1700000000,5",
    "Ann,x,1700000001,3",
    "bob,x,1700000002,4",
    "čau,y,1700000003,1",
  ];

  test("texts are numbered in the order of their bytes, however rows and files are ordered", async () => {
    const one = await file("a.csv", csv(...lines));
    await loadSource(memory, { source: "csv", interactions: one, columns });
    const dictionary = () =>
      memory.db.rows("select user_id, source_id from user_dictionary order by 1");
    const expected = [
      { user_id: 1, source_id: "Ann" },
      { user_id: 2, source_id: "bob" },
      { user_id: 3, source_id: "čau" },
    ];
    expect(await dictionary()).toEqual(expected);
    expect((await loadedEvents(memory)).map(([user, item]) => [user, item])).toEqual([
      [2, 2],
      [1, 1],
      [2, 1],
      [3, 2],
    ]);
    const two = [
      await file("b.csv", csv(...lines.slice(2).reverse())),
      await file("c.csv", csv(...lines.slice(0, 2))),
    ];
    await loadSource(memory, { source: "csv", interactions: two, columns });
    expect(await dictionary()).toEqual(expected);
  });

  test("auto keeps integers where every id is one, each side by itself", async () => {
    const path = await file(
      "a.csv",
      csv("1,a,1700000000,5", "2,b,1700000001,5", "3,7,1700000002,5", "x,7,1700000003,1"),
    );
    const settings = { source: "csv", interactions: path, columns };
    await expect(loadSource(memory, { ...settings, ids: "integer" })).rejects.toThrow(
      "1 x the user id is not an integer from 1 to 2147483647",
    );
    const source = await loadSource(memory, settings);
    expect(source.isUnordered).toBe(true);
    expect(source.tables).toHaveProperty("user_dictionary");
    expect((await loadedEvents(memory)).map(([user, item]) => [user, item])).toEqual([
      [1, 2],
      [2, 3],
      [3, 1],
      [4, 1],
    ]);
  });
});

describe("loadFiles: what counts as liked", () => {
  test.each([
    [{ label: "v" }, ["1", "0", "true", "FALSE"], [1, 0, 1, 0]],
    [
      { event: "v", positiveEvents: ["buy", "it's; --"] },
      ["buy", "view", "it's; --", "BUY"],
      [1, 0, 1, 0],
    ],
  ])("%j", async (value, texts, ratings) => {
    const lines = texts.map((text, k) => `1,${k + 1},170000000${k},${text}`);
    const path = await file("a.csv", ["u,i,t,v", ...lines].join("\n"));
    await loadSource(memory, {
      source: "csv",
      interactions: path,
      columns: { user: "u", item: "i", time: "t", ...value },
    });
    expect((await loadedEvents(memory)).map(([, , rating]) => rating)).toEqual(ratings);
  });

  test("a label that is neither is a bad row", async () => {
    const path = await file("a.csv", "u,i,t,v\n1,1,1700000000,2\n");
    const attempt = loadSource(memory, {
      source: "csv",
      interactions: path,
      columns: { user: "u", item: "i", time: "t", label: "v" },
    });
    await expect(attempt).rejects.toThrow("1 x the label is not 0 or 1");
  });
});

describe("loadFiles: times", () => {
  const second = "2023-11-14T22:13:20.000Z";
  test.each([
    ["seconds", "1700000000", second],
    ["milliseconds", "1700000000000", second],
    ["microseconds", "1700000000000000", second],
    ["nanoseconds", "1700000000000000000", second],
    ["fractions of a second", "1700000000.5", "2023-11-14T22:13:20.500Z"],
    ["a date", "2023-11-14", "2023-11-14T00:00:00.000Z"],
    ["a date and time", "2023-11-14 22:13:20", second],
    ["with an offset", "2023-11-15T00:13:20+02:00", second],
    ["with a short offset", "2023-11-14T21:13:20.000-01", second],
    ["in UTC", "2023-11-14T22:13:20Z", second],
  ])("%s", async (_, text, expected) => {
    const path = await file("a.csv", csv(`1,10,${text},5`));
    await loadSource(memory, { source: "csv", interactions: path, columns });
    expect(await loadedEvents(memory)).toEqual([[1, 10, 5, expected]]);
  });

  test("a unit that is given goes before what the numbers look like", async () => {
    const path = await file("a.csv", csv("1,10,1700000000,5"));
    await loadSource(memory, {
      source: "csv",
      interactions: path,
      columns: { ...columns, timeUnit: "ms" },
    });
    expect(await loadedEvents(memory)).toEqual([[1, 10, 5, "1970-01-20T16:13:20.000Z"]]);
  });

  test("`until` is the first day of the future", async () => {
    const path = await file("a.csv", csv("1,10,2020-01-31 23:59:59,5", "1,11,2020-02-01,5"));
    const attempt = loadSource(memory, {
      source: "csv",
      interactions: path,
      columns,
      until: "2020-02-01",
    });
    await expect(attempt).rejects.toThrow(
      "line 3: the time lies in the future: 1 | 11 | 2020-02-01 | 5",
    );
  });
});
