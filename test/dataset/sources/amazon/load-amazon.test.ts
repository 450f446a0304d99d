import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { cleanBrand, cleanText } from "../../../../src/dataset/sources/amazon/clean-text.ts";
import { describeAmazon, loadAmazon } from "../../../../src/dataset/sources/amazon/load-amazon.ts";
import {
  amazonSettings,
  type AmazonSettings,
} from "../../../../src/dataset/sources/amazon/settings.ts";
import { sourceOf } from "../../../../src/dataset/sources/registry.ts";
import { makeFolder } from "../../../util/hand-made-task.ts";
import { loadedCounts, loadedEvents } from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";

const fingerprint = (dataset: AmazonSettings): Promise<string> =>
  sourceOf(dataset).fingerprint(dataset);

const memory = useMemoryDatabase();

const lines = (...rows: readonly object[]): Uint8Array =>
  gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

async function load(files: Readonly<Record<string, Uint8Array>>, settings: object) {
  const dir = await makeFolder(join(memory.dir, "amazon"), files);
  const at = (name: string): string => join(dir, name);
  const [reviews = "", metadata] = Object.keys(files).map(at);
  const parsed = amazonSettings.parse({ source: "amazon", reviews, metadata, ...settings });
  const tempDir = await makeFolder(join(memory.dir, "staged"), {});
  expect(await fingerprint(parsed)).toMatch(/[0-9a-f]{64}/);
  return loadAmazon(memory.db, parsed, { tempDir, signal: AbortSignal.timeout(60_000) });
}

const items = () =>
  memory.db.rows(
    "select title, attributes, source_id from source_items inner join item_dictionary using (item_id) order by item_id",
  );

describe("loadAmazon", () => {
  const expected = [
    [2, 2, 5, "2014-01-01T00:00:00.000Z"],
    [1, 1, 3, "2014-01-02T00:00:00.000Z"],
  ];

  test("the edition of 2018", async () => {
    await load(
      {
        "Books_5.json.gz": lines(
          {
            overall: 5.0,
            reviewerID: "A2",
            asin: "000B",
            unixReviewTime: 1388534400,
            reviewText: "x",
          },
          { overall: 3.0, reviewerID: "A1", asin: "0001", unixReviewTime: 1388620800, vote: "2" },
        ),
        "meta_Books.json.gz": lines(
          {
            asin: "0001",
            title: "Salt &amp; <i>Ink</i>",
            brand: "Visit Amazon's Ann O. Nym Page",
            category: ["Books", "Poetry &amp; Plays", "Verse"],
          },
          { asin: "000B", title: "var x = (new Date()).getTime();", brand: "", category: [] },
          { asin: "unread", title: "Unread", brand: "X", category: ["Books", "Y"] },
        ),
      },
      {},
    );
    expect(await loadedEvents(memory)).toEqual(expected);
    expect(await items()).toEqual([
      {
        source_id: "0001",
        title: "Salt & Ink",
        attributes: { brand: ["Ann O. Nym"], category: ["Poetry & Plays"] },
      },
      { source_id: "000B", title: "000B", attributes: {} },
    ]);
  });

  test("the edition of 2023, JSON lines", async () => {
    await load(
      {
        "Books.jsonl.gz": lines(
          { rating: 5, user_id: "U2", parent_asin: "b", asin: "c", timestamp: 1388534400000 },
          { rating: 3, user_id: "U1", parent_asin: "a", asin: "a", timestamp: 1388620800000 },
        ),
        "meta_Books.jsonl.gz": lines(
          { parent_asin: "b", title: "B", store: "Bea (Author)", categories: ["Books"] },
          { parent_asin: "a", title: "It&#39;s", store: null, categories: ["Books", "History"] },
        ),
      },
      {},
    );
    expect(await loadedEvents(memory)).toEqual(expected);
    expect(await items()).toEqual([
      { source_id: "a", title: "It's", attributes: { category: ["History"] } },
      { source_id: "b", title: "B", attributes: { brand: ["Bea"] } },
    ]);
  });

  test("the edition of 2023, CSV, without metadata", async () => {
    const text =
      "user_id,parent_asin,rating,timestamp\nU2,b,5.0,1388534400000\nU1,a,3.0,1388620800000\n";
    await load({ "Books.csv.gz": gzipSync(text) }, { kCore: { users: 1, items: 1 } });
    expect(await loadedEvents(memory)).toEqual(expected);
    expect((await items()).map(({ title }) => title)).toEqual(["a", "b"]);
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 2],
      ["kept", "", 2],
    ]);
  });

  const reviews = lines(
    { reviewerID: "A2", asin: "000B", unixReviewTime: 1388534400 },
    { overall: 5.0, reviewerID: "A2", asin: "000B", unixReviewTime: 1388534400, helpful: [0, 0] },
    { overall: 3.0, reviewerID: "A1", asin: "0001", unixReviewTime: 1388620800 },
  );

  test.each([
    [
      "Python dictionaries",
      "{'asin': '0001', 'title': \"Ann's salt\", 'brand': 'Nym', 'categories': [['Books', 'Poetry', 'Verse'], ['Books', 'Gifts']]}\n" +
        "{'asin': '000B', 'price': 9.5, 'related': {'also_bought': ['0001']}, 'categories': [['Books']]}\n",
    ],
    [
      "JSON",
      '{"asin":"0001","title":"Ann\'s salt","brand":"Nym","categories":[["Books","Poetry","Verse"],["Books","Gifts"]]}\n' +
        '{"asin":"000B","price":9.5,"categories":[["Books"]]}\n',
    ],
  ])("the edition of 2014, %s: the second category of every path", async (_, text) => {
    await load(
      { "reviews_Books.json.gz": reviews, "meta_Books.json.gz": gzipSync(text) },
      { onBadRow: "skip", maxBadShare: 0.5 },
    );
    expect(await loadedEvents(memory)).toEqual(expected);
    expect(await items()).toEqual([
      {
        source_id: "0001",
        title: "Ann's salt",
        attributes: { brand: ["Nym"], category: ["Poetry", "Gifts"] },
      },
      { source_id: "000B", title: "000B", attributes: {} },
    ]);
  });

  test("metadata without brands", async () => {
    const metadata = lines({ asin: "0001", title: "A", categories: [["Books", "Poetry"]] });
    await load(
      { "r.json.gz": reviews, "m.json.gz": metadata },
      { onBadRow: "skip", maxBadShare: 0.5, missing: "keep" },
    );
    expect((await items()).map(({ attributes }) => attributes)).toEqual([
      { category: ["Poetry"] },
      {},
    ]);
  });

  test.each([
    [
      { asin: "0001", title: "A" },
      "m.json.gz does not hold Amazon's items: it has neither category nor categories, only asin, title.",
    ],
    [
      { asin: "0001", name: "A", category: [] },
      /dataset\.metadata: \S+m\.json\.gz has no column title, only asin, name, category$/,
    ],
    [
      { parent_asin: "0001", title: "A", categories: [] },
      /dataset\.metadata: \S+m\.json\.gz has no column asin, only/,
    ],
  ])("metadata %j are refused under the name of this source's setting", async (row, message) => {
    const attempt = load(
      { "r.json.gz": reviews, "m.json.gz": lines(row) },
      { onBadRow: "skip", maxBadShare: 0.5 },
    );
    await expect(attempt).rejects.toThrow(message);
  });

  test("what a run stops for names settings that this source has", async () => {
    const files = {
      "r.json.gz": reviews,
      "m.json.gz": lines({ asin: "000B", title: "B", category: ["Books", "Y"] }),
    };
    const unread = { onBadRow: "skip", maxBadShare: 0.5 };
    await expect(load(files, unread)).rejects.toThrow(
      /have no row in dataset\.metadata, the first:.*\n.*--set dataset\.missing=keep/s,
    );
    await expect(load(files, { onBadRow: "skip" })).rejects.toThrow(
      "allow at most 0; mend the rows",
    );
    const dir = join(memory.dir, "amazon");
    const settings = amazonSettings.parse({
      source: "amazon",
      reviews: join(dir, "r.json.gz"),
      metadata: join(dir, "m.json.gz"),
    });
    const report = await describeAmazon(memory.db, settings, {
      tempDir: await makeFolder(join(memory.dir, "described"), {}),
      signal: AbortSignal.timeout(60_000),
    });
    expect(report.stops).toEqual([
      "1 bad rows (dataset.onBadRow, dataset.maxBadShare)",
      "1 items without metadata (dataset.missing)",
    ]);
  });

  test("refuses what is no edition", async () => {
    const attempt = load({ "x.json.gz": lines({ a: 1 }) }, {});
    await expect(attempt).rejects.toThrow(
      /x\.json\.gz does not hold Amazon reviews: it has neither reviewerID, asin, overall, unixReviewTime \(2014, 2018\) nor user_id, /,
    );
  });
});

describe("cleanText", () => {
  const cleaned = async (text: string, clean = cleanText) => {
    const [row] = await memory.db.rows(`select ${clean("x")} as text from (select $text as x)`, {
      text,
    });
    return row?.["text"];
  };

  test.each([
    ["plain", "plain"],
    ["  two \n\t words ", "two words"],
    ["<b>Bold</b>, 1 < 2 & 3 > 2", "Bold , 1 < 2 & 3 > 2"],
    ["&quot;A&quot; &amp; &#39;B&#39; &#8212; C", "\"A\" & 'B' — C"],
    ["&amp;lt;", "&lt;"], // written twice over, taken back once
    ["&#0;&#55357;x", "x"],
    ["caf&eacute;", "café"],
    ["Ann&#x27;s &#X2014; &#x0;&#xD800;x", "Ann's — x"],
    ["&Uuml;ber &uuml;ber &sigma;&sigmaf; &euro;5 &frac12;", "Über über σς €5 ½"],
    ["&#146;&#150;&#x93;", "’–“"], // numbers of Windows-1252
    ["&#38;lt; &#x26;gt; &AMP;amp;", "&lt; &gt; &amp;"],
    ["&nonesuch; AT&T; &#99999999;", "&nonesuch; AT&T; &#99999999;"],
    ["'; drop table x; --", "'; drop table x; --"],
  ])("%j", async (text, expected) => {
    expect(await cleaned(text)).toBe(expected);
  });

  test("cleanBrand: a name", async () => {
    expect(await cleaned("Visit Amazon's J. Doe Page", cleanBrand)).toBe("J. Doe");
    expect(await cleaned("J. Doe (Author), A. Roe (Editor)", cleanBrand)).toBe("J. Doe");
    expect(await cleaned("Penguin", cleanBrand)).toBe("Penguin");
  });
});
