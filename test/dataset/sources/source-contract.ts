import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { datasetSettings, type DatasetSettings } from "../../../src/dataset/settings.ts";
import { sourceOf } from "../../../src/dataset/sources/registry.ts";
import { describeQuery } from "../../../src/tables/check-schema.ts";
import type { Database } from "../../../src/tables/database.ts";
import { filesUnder, makeFolder } from "../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

/** A small source to test. */
export interface SourceExample {
  /** Writes the source's files into an empty folder, the same ones every time. */
  readonly write: (dir: string, db: Database) => Promise<unknown>;
  /** The `dataset` block that reads them, without `source`. */
  readonly settings: (dir: string) => Readonly<Record<string, unknown>>;
  /** Interactions in the source. */
  readonly rows: number;
  /** Default false. */
  readonly isSimulated?: boolean;
}

const signal = AbortSignal.timeout(60_000);

/** What every source must do. */
export function testSource(name: DatasetSettings["source"], example: SourceExample): void {
  const { write, settings, rows, isSimulated = false } = example;
  const memory = useMemoryDatabase();
  const folder = (): string => join(memory.dir, "in");

  const parsed = (dir: string): DatasetSettings =>
    datasetSettings.parse({ source: name, ...settings(dir) });
  const written = async (): Promise<DatasetSettings> => {
    await write(await makeFolder(folder(), {}), memory.db);
    return parsed(folder());
  };
  const site = async () => ({ tempDir: await makeFolder(join(memory.dir, "tmp"), {}), signal });

  describe(`source ${name}`, () => {
    test("settings have what the stages need, and pass again when complete", async () => {
      const dataset = await written();
      expect(dataset).toMatchObject({ source: name, shortUsers: "error" });
      expect(dataset.positiveAbove).toBeTypeOf("number");
      expect(datasetSettings.parse(dataset)).toEqual(dataset);
    });

    test("settings with an unknown key are refused", async () => {
      const dataset = await written();
      expect(() => datasetSettings.parse({ ...dataset, nonesuch: 1 })).toThrow("nonesuch");
    });

    test("is registered once, with a label", async () => {
      const dataset = await written();
      const source = sourceOf(dataset);
      expect(source.name).toBe(name);
      expect(source.isSimulated).toBe(isSimulated);
      expect(source.simulation !== undefined).toBe(isSimulated);
      expect(source.label(dataset)).toMatch(/\w+/);
    });

    test("relative paths become absolute; absolute ones and the order of keys stay", async () => {
      const dataset = await written();
      const given = parsed(relative("", folder()));
      const source = sourceOf(dataset);
      const absolute = source.withAbsolutePaths(given);
      expect(absolute).toEqual(dataset);
      expect(Object.keys(absolute)).toEqual(Object.keys(given));
      expect(source.withAbsolutePaths(dataset)).toEqual(dataset);
    });

    test("the fingerprint changes with each file, not with its time", async () => {
      const dataset = await written();
      const print = () => sourceOf(dataset).fingerprint(dataset);
      const before = await print();
      expect(await print()).toBe(before);
      for (const file of await filesUnder(folder())) {
        const content = await readFile(join(folder(), file));
        await appendFile(join(folder(), file), content);
        expect(await print(), file).not.toBe(before);
        await writeFile(join(folder(), file), content);
      }
      expect(await print()).toBe(before);
    });

    test("loads typed interactions, items and users", async () => {
      const dataset = await written();
      const loaded = await sourceOf(dataset).load(memory.db, dataset, await site());
      const columnsOf = async (relation: string) => {
        const columns = await describeQuery(memory.db, `select * from ${relation}`, {});
        return Object.fromEntries(columns.map((column) => [column.name, column.type]));
      };
      const attributes = "MAP(VARCHAR, VARCHAR[])";
      expect(await columnsOf("source_interactions")).toMatchObject({
        ...{ user_id: "INTEGER", item_id: "INTEGER", rating: "DOUBLE", ts: "TIMESTAMP" },
        file_row: "BIGINT",
      });
      expect(await columnsOf("source_items")).toEqual({
        ...{ item_id: "INTEGER", title: "VARCHAR", year: "SMALLINT", attributes },
      });
      expect(await columnsOf("source_users")).toEqual({ user_id: "INTEGER", attributes });
      const [found] = await memory.db.rows(
        "select count(*) as rows, count(distinct file_row) as places from source_interactions",
      );
      expect(found).toEqual({ rows, places: rows });
      expect(loaded.rows ?? rows).toBe(rows);
      expect(loaded.accountedRows ?? rows).toBe(rows);
      expect(loaded.name).not.toBe("");
      for (const sql of Object.values(loaded.tables ?? {})) await memory.db.rows(sql);
    });

    test("describes what it loads, and leaves its files as they are", async () => {
      const dataset = await written();
      const before = await filesUnder(folder());
      const report = await sourceOf(dataset).describe(memory.db, dataset, await site());
      expect(report).toMatchObject({ source: name, stops: [], kept: { rows } });
      expect(await filesUnder(folder())).toEqual(before);
    });
  });
}
