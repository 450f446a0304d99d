import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { openDatabase, type Database } from "../../src/tables/database.ts";
import { readBatches } from "../../src/tables/read-batches.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const stop = new Error("stop");

/** Takes a day. */
const endless = "select count(*) from range(1000000000000)";

async function open(signal: AbortSignal): Promise<Database> {
  const db = await openDatabase({
    threads: 2,
    memoryMb: 256,
    tempDir: await scratchFolder(),
    signal,
  });
  onTestFinished(() => {
    db.close();
  });
  return db;
}

describe("openDatabase with a signal", () => {
  test("a statement that fails for another reason says so", async () => {
    const db = await open(new AbortController().signal);
    await expect(db.rows("-- some/query: of nothing\nselect nothing")).rejects.toMatchObject({
      code: "SQL_FAILED",
      message: expect.stringMatching(/^some\/query: .*nothing/s) as unknown,
    });
  });

  test.each<[string, (db: Database) => Promise<unknown>]>([
    ["a statement", (db) => db.run(endless)],
    ["a query", (db) => db.rows(endless)],
    ["a fork's query", (db) => db.onFork((own) => own.rows(endless))],
    ["a stream before its first rows", (db) => readBatches(db, endless).next()],
    [
      "a stream under way",
      async (db) => {
        let rows = 0;
        for await (const batch of readBatches(db, "from range(1000000000000)"))
          rows += batch.numRows;
        return rows;
      },
    ],
  ])("an abort stops %s", async (_, ask) => {
    const abort = new AbortController();
    const asked = expect(ask(await open(abort.signal))).rejects.toBe(stop);
    await delay(100);
    abort.abort(stop);
    await asked;
  });

  test("an abort stops several queries at once, and what is asked later", async () => {
    const abort = new AbortController();
    const db = await open(abort.signal);
    const forks = [1, 2].map(() =>
      expect(db.onFork((own) => own.rows(endless))).rejects.toBe(stop),
    );
    await delay(100);
    abort.abort(stop);
    await Promise.all(forks);
    await expect(db.rows(endless)).rejects.toBe(stop);
  });

  test("an abort that comes before anything runs stops what is asked then", async () => {
    const db = await open(AbortSignal.abort(stop));
    await expect(db.rows(endless)).rejects.toBe(stop);
  });

  test("an abort is heard while a statement is on its way to DuckDB", async () => {
    const abort = new AbortController();
    const asked = expect((await open(abort.signal)).rows(endless)).rejects.toBe(stop);
    abort.abort(stop);
    await asked;
  });

  test("an abort after the end touches nothing", async () => {
    const abort = new AbortController();
    const db = await openDatabase({
      threads: 1,
      memoryMb: 256,
      tempDir: await scratchFolder(),
      signal: abort.signal,
    });
    db.close();
    abort.abort(stop);
    await delay(100);
  });
});

describe("openDatabase", () => {
  test("downloads no extension, whatever a statement would need", async () => {
    const db = await open(new AbortController().signal);
    const file = "https://127.0.0.1:9/table.parquet";
    await expect(db.rows(`from read_parquet('${file}')`)).rejects.toMatchObject({
      code: "SQL_FAILED",
      message: expect.not.stringMatching(/download/i) as unknown,
    });
    expect(
      await db.rows("select current_setting('autoinstall_known_extensions') as value"),
    ).toEqual([{ value: false }]);
  });
});
