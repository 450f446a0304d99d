import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  Field,
  FixedSizeList,
  Float32,
  Int32,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  makeData,
  vectorFromArray,
} from "apache-arrow";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { batchFromRows } from "../../src/tables/batch-from-rows.ts";
import { columnBatches } from "../../src/tables/column-batches.ts";
import { openDatabase, type Database } from "../../src/tables/database.ts";
import { quote } from "../../src/tables/quote.ts";
import { readBatches } from "../../src/tables/read-batches.ts";
import { writeBatches } from "../../src/tables/write-batches.ts";
import { writeQuery } from "../../src/tables/write-query.ts";

let dir: string;
let db: Database;
const outputs = { outputPath: (table: string) => join(dir, `${table}.parquet`) };

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "r4ec-tables-"));
  db = await openDatabase({ threads: 2, memoryMb: 512, tempDir: join(dir, "spill") });
});
afterEach(async () => {
  db.close();
  await rm(dir, { recursive: true, force: true });
});

const one = (...batches: RecordBatch[]): Readable => Readable.from(batches);

describe("readBatches", () => {
  test("streams every type, nulls included, over chunk borders", async () => {
    const sql = `select i::integer as i, (i * 0.5)::double as d, if(i % 3 = 0, null, 'text ' || i) as s,
      make_timestamp(i * 1000000 + 5) as t, if(i % 5 = 0, null, list_transform(range(i % 4), x -> (x + i)::integer)) as l,
      i % 2 = 0 as b, if(i % 7 = 0, null, i)::bigint as n
      from range(5000) r(i) order by i`;
    const rows: Record<string, unknown>[] = [];
    const sizes: number[] = [];
    for await (const batch of readBatches(db, sql, { batchRows: 3000 })) {
      sizes.push(batch.numRows);
      for (let row = 0; row < batch.numRows; row++) {
        rows.push(batch.get(row)?.toJSON() ?? {});
      }
    }
    expect(sizes).toEqual([4096, 904]);
    for (const i of [0, 1, 2047, 2048, 2055, 4096, 4999]) {
      const list = rows[i]?.["l"] as { toArray(): Int32Array } | null;
      expect(rows[i]).toMatchObject({
        i,
        d: i * 0.5,
        s: i % 3 === 0 ? null : `text ${String(i)}`,
        b: i % 2 === 0,
        n: i % 7 === 0 ? null : BigInt(i),
      });
      expect(rows[i]?.["t"]).toBeCloseTo(i * 1000 + 0.005, 3);
      expect(list && [...list.toArray()]).toEqual(
        i % 5 === 0 ? null : Array.from({ length: i % 4 }, (_, x) => x + i),
      );
    }
  });

  test("names the column whose type it cannot stream", async () => {
    await expect(readBatches(db, "select map{'a': 1} as odd").next()).rejects.toThrow(
      /column odd: MAP/,
    );
  });

  test("says which statement failed", async () => {
    await expect(readBatches(db, "select nothing from nowhere").next()).rejects.toMatchObject({
      code: "SQL_FAILED",
      sql: "select nothing from nowhere",
    });
  });
});

describe("writeBatches", () => {
  test("keeps values, nulls and lists, and sorts by the schema's order", async () => {
    const rows = [
      {
        user_id: 2,
        last_ts: new Date(86_400_000),
        history_items: [7, 8],
        history_ratings: [4.5, 1],
      },
      { user_id: 1, last_ts: null, history_items: [], history_ratings: new Float32Array([]) },
    ];
    const file = await writeBatches(
      db,
      "user_contexts",
      one(batchFromRows("user_contexts", rows)),
      outputs,
    );
    expect(file.rows).toBe(2);
    expect(await db.rows(`select * from read_parquet(${quote(file.path)})`)).toEqual([
      { user_id: 1, last_ts: null, history_items: [], history_ratings: [] },
      {
        user_id: 2,
        last_ts: new Date(86_400_000),
        history_items: [7, 8],
        history_ratings: [4.5, 1],
      },
    ]);
  });

  test("takes vectors of fixed width and stores FLOAT[]", async () => {
    const [rows, width] = [2500, 3];
    const vectorType = new FixedSizeList(width, new Field("item", new Float32(), false));
    const values = Float32Array.from({ length: rows * width }, (_, k) => k / 2);
    const fields = [
      new Field("variant", new Utf8(), true),
      new Field("item_id", new Int32(), true),
      new Field("encoder", new Utf8(), true),
      new Field("encoder_hash", new Utf8(), true),
      new Field("vector", vectorType, true),
      new Field("tokens", new Int32(), true),
      new Field("chunks", new Int32(), true),
      new Field("truncated", new Int32(), true),
      new Field("texts", new Int32(), true),
    ];
    const ints = Int32Array.from({ length: rows }, (_, k) => k);
    const int = () => makeData({ type: new Int32(), length: rows, nullCount: 0, data: ints });
    const [text] = vectorFromArray(Array<string>(rows).fill("e"), new Utf8()).data;
    if (text === undefined) throw new Error("no data");
    const child = makeData({
      type: new Float32(),
      length: rows * width,
      nullCount: 0,
      data: values,
    });
    const vector = makeData({ type: vectorType, length: rows, nullCount: 0, child });
    const struct = makeData({
      type: new Struct(fields),
      length: rows,
      nullCount: 0,
      children: [text, int(), text, text, vector, int(), int(), int(), int()],
    });
    const batch = new RecordBatch(new Schema(fields), struct);
    const file = await writeBatches(db, "item_embeddings", one(batch), outputs);
    const [row] = await db.rows(
      `select count(*) as n, any_value(typeof(vector)) as type, max(vector[3]) as top,
       sum(abs(vector[1] - item_id * 1.5)) as off from read_parquet(${quote(file.path)})`,
    );
    expect(row).toEqual({ n: rows, type: "FLOAT[]", top: (rows * width - 1) / 2, off: 0 });
  });

  test("takes typed arrays as columns, and constants for those that have one value", async () => {
    const rows = 10_000;
    const numbers = Int32Array.from({ length: rows }, (_none, row) => rows - row);
    const columns = {
      user_id: numbers,
      rn: numbers,
      item_id: numbers.map((number) => -number),
      label: Int8Array.from(numbers, (number) => number % 2),
      probability: Float32Array.from(numbers, (number) => number / rows),
    };
    const constants = { backbone: "it's", variant: "base", trial: 0, seed: 7 };
    const file = await writeBatches(db, "predictions", columnBatches(columns), outputs, {
      constants,
    });
    const written = await db.rows(`select * from ${quote(file.path)}`);
    expect(written).toHaveLength(rows);
    for (const row of [0, 1, 2048, 8192, 9999]) {
      const [id, probability] = [row + 1, Math.fround((row + 1) / rows)];
      expect(written[row]).toEqual({
        ...constants,
        ...{ user_id: id, rn: id, item_id: -id, label: id % 2, probability },
      });
    }
  });

  test("turns plain objects into maps", async () => {
    const attributes = { genre: ["Film-Noir", 'quo"ted'], director: ["O'Neil, {x=1}"] };
    const rows = [{ item_id: 1, title: "t", year: 1999, attributes }];
    const file = await writeBatches(db, "items", one(batchFromRows("items", rows)), outputs);
    expect(await db.rows(`select * from read_parquet(${quote(file.path)})`)).toEqual(rows);
  });

  test("writes an empty part with the right columns for an empty stream", async () => {
    const file = await writeBatches(db, "audits", one(), outputs);
    expect(file.rows).toBe(0);
    expect(await db.rows(`describe select * from read_parquet(${quote(file.path)})`)).toHaveLength(
      4,
    );
  });

  test("names a column the batch lacks", async () => {
    const batch = batchFromRows("results", []);
    await expect(writeBatches(db, "audits", one(batch), outputs)).rejects.toThrow(
      /no column audit/,
    );
  });
});

describe("writeQuery", () => {
  test("refuses columns that are not the table's, and writes nothing", async () => {
    await expect(writeQuery(db, "audits", "select 1 as audit", {}, outputs)).rejects.toThrow(
      /table audits: expected columns \(audit VARCHAR.*got \(audit INTEGER\)/,
    );
  });

  test("passes parameters", async () => {
    const sql =
      "select $name::varchar as audit, 'x' as about, 1::bigint as rows_checked, 0::bigint as violations";
    const file = await writeQuery(db, "audits", sql, { name: "it's" }, outputs);
    expect(await db.rows(`select audit from read_parquet(${quote(file.path)})`)).toEqual([
      { audit: "it's" },
    ]);
  });
});
