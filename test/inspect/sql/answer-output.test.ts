import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withRun } from "../../../src/inspect/with-run.ts";
import { queryRun } from "../../../src/inspect/sql/query-run.ts";
import { answerOfRows } from "../../../src/inspect/sql/answer.ts";
import { readRowLimit, showAnswer, writeAnswer } from "../../../src/inspect/sql/answer-output.ts";
import { quote } from "../../../src/tables/quote.ts";
import type { Database } from "../../../src/tables/database.ts";
import { fileRef } from "../../util/file-ref.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { openSmallRun, type SmallRun } from "../small-run.ts";

let run: SmallRun;
beforeAll(async () => {
  run = await openSmallRun();
});
afterAll(() => run.close());

const everything = Number.POSITIVE_INFINITY;

/** The run, opened so that one file can be written. */
function openFor<T>(path: string, use: (db: Database) => Promise<T>): Promise<T> {
  const users = ["1", "2"].map((id) => fileRef(run.runDir, "users", `tables/${id}.parquet`, 1));
  const { runDir } = run;
  return withRun({ runDir, tables: { users }, threads: 1, memoryMb: 256, outputs: [path] }, use);
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
    ["explain select 1", /^a query plan cannot be written as Parquet; remove EXPLAIN$/],
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

/** Shows n rows, at most `maxRows`. */
async function show(n: number, maxRows: number) {
  const said: string[] = [];
  let text = "";
  const rows = await showAnswer(
    answerOfRows(
      { n: "number" },
      Array.from({ length: n }, (_, row) => [row]),
    ),
    {
      ...{ format: "csv", maxRows, cure: "--all shows every row" },
      print: async (pieces) => {
        for await (const piece of pieces) text += piece;
      },
      say: (line) => said.push(line),
    },
  );
  return { rows, said, lines: text.trimEnd().split("\n") };
}

describe("showAnswer", () => {
  test("cuts, and says beside the answer how to see the rest", async () => {
    expect(await show(1201, 1200)).toMatchObject({
      rows: 1200,
      said: ["only the first 1,200 rows are shown: --all shows every row"],
      lines: { length: 1201 },
    });
  });

  test("says nothing when everything is shown", async () => {
    expect(await show(2, 2)).toEqual({ rows: 2, said: [], lines: ["n", "0", "1"] });
    expect(await show(0, 2)).toEqual({ rows: 0, said: [], lines: ["n"] });
    expect((await show(9, Number.POSITIVE_INFINITY)).rows).toBe(9);
  });
});

describe("readRowLimit", () => {
  test("takes whole numbers from 1 on", () => {
    expect(readRowLimit("--limit", "20")).toBe(20);
  });

  test.each(["0", "-1", "1.5", "1e3", "few", "", "99999999999999999999"])("refuses %j", (text) => {
    expect(() => readRowLimit("--limit", text)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: `--limit: expected an integer >= 1, got ${text}`,
      }),
    );
  });
});
