import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newFile } from "../../../src/inspect/new-file.ts";
import { openRun } from "../../../src/inspect/open-run.ts";
import { queryRun } from "../../../src/inspect/sql/query-run.ts";
import { writeAnswer } from "../../../src/inspect/sql/write-answer.ts";
import { quote } from "../../../src/tables/quote.ts";
import type { Database } from "../../../src/tables/database.ts";
import { part } from "../../flow/stage-of.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { openSmallRun, type SmallRun } from "../small-run.ts";

let run: SmallRun;
beforeAll(async () => {
  run = await openSmallRun();
});
afterAll(() => run.close());

const everything = Number.POSITIVE_INFINITY;

/** The run, opened so that one file can be written. */
async function openFor<T>(path: string, use: (db: Database) => Promise<T>): Promise<T> {
  const users = ["1", "2"].map((id) => part("users", id, `tables/${id}.parquet`));
  const db = await openRun(run.runDir, { users }, { threads: 1, memoryMb: 256 }, [path]);
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

describe("writeAnswer", () => {
  test.each([
    "select user_id, attributes['gender'][1] as gender from users order by user_id desc",
    "-- with comments; and all\nselect user_id, attributes['gender'][1] as gender from users order by 1 desc; -- done",
    "from (select user_id, attributes['gender'][1] as gender from users) order by user_id desc ; ",
  ])("parquet: %s", async (sql) => {
    const path = join(await scratchFolder(), 'it\'s; "x".parquet');
    await openFor(path, async (db) => {
      const rows = await writeAnswer(db, sql, { path, format: "parquet", maxRows: everything });
      expect(rows).toBe(2);
      expect(await db.rows(`select * from read_parquet(${quote(path)})`)).toEqual([
        { user_id: 2, gender: "M" },
        { user_id: 1, gender: "F" },
      ]);
    });
  });

  test("parquet: parameters, a row limit, and answers of DESCRIBE, SHOW and SUMMARIZE", async () => {
    const path = join(await scratchFolder(), "x.parquet");
    await openFor(path, async (db) => {
      const write = (sql: string, maxRows: number, params?: Record<string, number>) =>
        writeAnswer(db, sql, { path, format: "parquet", maxRows, params });
      expect(await write("from range($n)", 3, { n: 9 })).toBe(3);
      expect(await write("describe users", everything)).toBe(2);
      expect(await write("show tables", everything)).toBe(1);
      expect(await write("summarize users", everything)).toBe(2);
    });
  });

  test.each([
    ["copy users to 'OTHER'", /COPY is not allowed/],
    ["select 1; drop view users", /^expected one statement, got 2$/],
    ["select 1) to 'OTHER'; --", /syntax error/],
    ["select 1) to 'OTHER' (format csv) --", /syntax error/],
    ["select 1 /*", /unterminated|syntax error/],
    ["select '; drop view users; --", /unterminated|syntax error/],
    ["explain select 1", /^a plan cannot be written as Parquet; leave EXPLAIN out$/],
    ["explain analyze copy users to 'OTHER'", /COPY is not allowed/],
    ["select * from read_text('/etc/passwd')", /disabled by configuration/],
    ["", /^expected one statement, got none$/],
  ])("parquet refuses %s and writes nothing", async (sql, message) => {
    const folder = await scratchFolder();
    const path = join(folder, "x.parquet");
    const statement = sql.replaceAll("OTHER", join(run.runDir, "other.parquet"));
    await openFor(path, async (db) => {
      await expect(
        writeAnswer(db, statement, { path, format: "parquet", maxRows: everything }),
      ).rejects.toMatchObject({
        code: "SQL_FAILED",
        message: expect.stringMatching(message) as unknown,
      });
    });
    expect(await readdir(folder)).toEqual([]);
    expect(await readdir(run.runDir)).not.toContain("other.parquet");
  });

  test("nothing but the file it was told of can be written", async () => {
    const folder = await scratchFolder();
    const path = join(folder, "x.parquet");
    await openFor(path, async (db) => {
      const other = join(folder, "y.parquet");
      const writing = writeAnswer(db, "select 1", {
        ...{ path: other, format: "parquet", maxRows: everything },
      });
      await expect(writing).rejects.toThrow(/disabled by configuration/);
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test("csv and json come as they would be printed", async () => {
    const folder = await scratchFolder();
    const sql = "select user_id from users order by user_id";
    const csv = { path: join(folder, "x.csv"), format: "csv", maxRows: 1 } as const;
    expect(await writeAnswer(run.db, sql, csv)).toBe(1);
    expect(await readFile(csv.path, "utf8")).toBe("user_id\n1\n");
    const json = { path: join(folder, "x.json"), format: "json", maxRows: everything } as const;
    expect(await writeAnswer(run.db, sql, json)).toBe(2);
    expect(await readFile(json.path, "utf8")).toBe('[\n{"user_id":1},\n{"user_id":2}\n]\n');
  });
});

describe("a signal", () => {
  const endless = "select count(*) from range(1000000000000)";
  const soon = (): AbortSignal => AbortSignal.timeout(100);

  test("stops a query that has not answered yet, and the run can be asked again", async () => {
    await expect(queryRun(run.db, endless, { signal: soon() })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    const { blocks } = await queryRun(run.db, "select count(*) from users");
    for await (const block of blocks) expect(block).toEqual([[2]]);
  });

  test("stops a query that is asked after it", async () => {
    const signal = AbortSignal.abort();
    await expect(queryRun(run.db, endless, { signal })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
  });

  test("stops rows that are being read", async () => {
    const signal = soon();
    const { blocks } = await queryRun(run.db, "from range(1000000000000)", { signal });
    const readAll = async (): Promise<void> => {
      for await (const block of blocks) if (block.length === 0) return;
    };
    await expect(readAll()).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test("stops a file that is being written", async () => {
    const path = join(await scratchFolder(), "x.parquet");
    await openFor(path, async (db) => {
      const options = { path, format: "parquet", maxRows: everything, signal: soon() } as const;
      await expect(writeAnswer(db, endless, options)).rejects.toMatchObject({
        code: "INTERRUPTED",
      });
    });
  });
});

describe("newFile", () => {
  test("has its name when it is whole, in a folder made for it", async () => {
    const folder = await scratchFolder();
    const path = join(folder, "deep", "x.csv");
    const file = await newFile(path);
    await writeFile(file.attempt, "a\n");
    expect(await readdir(join(folder, "deep"))).not.toContain("x.csv");
    await file.commit();
    await file.discard();
    expect(await readdir(join(folder, "deep"))).toEqual(["x.csv"]);
    expect(await readFile(path, "utf8")).toBe("a\n");
  });

  test("refuses a name that is taken, at the start and at the end, and touches nothing", async () => {
    const folder = await scratchFolder();
    const path = join(folder, "x.csv");
    const file = await newFile(path);
    await writeFile(file.attempt, "mine\n");
    await writeFile(path, "theirs\n");
    const taken = {
      code: "CONFIG_INVALID",
      message: `${path}: there is such a file already; remove it or name another`,
    };
    await expect(file.commit()).rejects.toMatchObject(taken);
    await file.discard();
    await expect(newFile(path)).rejects.toMatchObject(taken);
    expect(await readdir(folder)).toEqual(["x.csv"]);
    expect(await readFile(path, "utf8")).toBe("theirs\n");
  });

  test("refuses the name of a folder", async () => {
    const folder = await scratchFolder();
    await mkdir(join(folder, "sub"));
    await expect(newFile(join(folder, "sub"))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
