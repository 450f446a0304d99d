import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { openDatabase, type Database } from "../../src/tables/database.ts";
import { readBatches } from "../../src/tables/read-batches.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

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

const interrupted = /INTERRUPT/;

describe("openDatabase with a signal", () => {
  test.each<[string, (db: Database) => Promise<unknown>]>([
    ["a statement", (db) => db.run(endless)],
    ["a query", (db) => db.rows(endless)],
    ["a fork's query", (db) => db.onFork((own) => own.rows(endless))],
    ["a stream", (db) => readBatches(db, endless).next()],
  ])("an abort stops %s", async (_, ask) => {
    const abort = new AbortController();
    const asked = expect(ask(await open(abort.signal))).rejects.toThrow(interrupted);
    await delay(100);
    abort.abort();
    await asked;
  });

  test("an abort stops several queries at once, and what is asked later", async () => {
    const abort = new AbortController();
    const db = await open(abort.signal);
    const forks = [1, 2].map(() =>
      expect(db.onFork((own) => own.rows(endless))).rejects.toThrow(interrupted),
    );
    await delay(100);
    abort.abort();
    await Promise.all(forks);
    await expect(db.rows(endless)).rejects.toThrow(interrupted);
  });

  test("an abort that comes before anything runs stops what is asked then", async () => {
    const db = await open(AbortSignal.abort());
    await expect(db.rows(endless)).rejects.toThrow(interrupted);
  });

  test("an abort is heard while a statement is on its way to DuckDB", async () => {
    const abort = new AbortController();
    const asked = expect((await open(abort.signal)).rows(endless)).rejects.toThrow(interrupted);
    abort.abort();
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
    abort.abort();
    await delay(100);
  });
});
