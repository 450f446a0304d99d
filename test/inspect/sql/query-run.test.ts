import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { queryRun } from "../../../src/inspect/sql/query-run.ts";
import { openSmallRun, type SmallRun } from "../small-run.ts";

let run: SmallRun;
beforeAll(async () => {
  run = await openSmallRun();
});
afterAll(() => run.close());

async function rowsOf(sql: string): Promise<readonly (readonly unknown[])[]> {
  const rows: (readonly unknown[])[] = [];
  for await (const block of (await queryRun(run.db, sql)).blocks) rows.push(...block);
  return rows;
}

describe("withRun", () => {
  test("shows exactly the parts that are named, and tables without parts with their columns", async () => {
    expect(await rowsOf("select user_id from users order by user_id")).toEqual([[1], [2]]);
    expect(await rowsOf("select count(*), max(title) from items")).toEqual([[0, null]]);
    expect(await rowsOf("show tables")).toEqual([["items"], ["users"]]);
  });
});

test("withRun: a run of before, without dictionaries, has the macros of ids", async () => {
  expect(
    await rowsOf(
      "select source_user_id(user_id), run_user_id('2'), source_item_ids([7]) from users order by 1",
    ),
  ).toEqual([
    [1, 2, [7]],
    [2, 2, [7]],
  ]);
});

test("queryRun: what a statement says with error() is the message", async () => {
  await expect(rowsOf("select error('no \"such\" thing') from users")).rejects.toMatchObject({
    code: "SQL_FAILED",
    message: 'no "such" thing',
  });
});

describe("queryRun allows what reads", () => {
  test.each([
    "select 1",
    "  select 1  ;  ",
    "-- how many?\n/* all */ select count(*) from users",
    "from users",
    "(select 1)",
    "values (1), (2)",
    "table users",
    "with f as (select * from users where attributes['gender'] = ['F']) select * from f",
    "describe users",
    "desc users",
    "show tables",
    "show all tables",
    "summarize users",
    "explain select * from users",
    "explain analyze select * from users",
    "EXPLAIN (FORMAT json) SELECT 1",
    "select 'copy; insert, attach' as text",
  ])("%s", async (sql) => {
    expect((await rowsOf(sql)).length).toBeGreaterThan(0);
  });

  test("files of the run itself", async () => {
    const sql = `select content from read_text('${join(run.runDir, "pipeline.yaml")}')`;
    expect(await rowsOf(sql)).toEqual([["name: small\n"]]);
  });
});

describe("queryRun refuses what writes or leaves the run, and nothing is changed", () => {
  test.each<[string, RegExp]>([
    ["copy users to 'OUT'", /^COPY is not allowed: a run is read-only here\. Use SELECT/],
    ["copy (select 1) to 'OUT'", /COPY is not allowed/],
    ["export database 'OUT'", /EXPORT is not allowed/],
    ["import database 'OUT'", /IMPORT is not allowed/],
    ["insert into users select * from users", /INSERT is not allowed/],
    ["update users set user_id = 9", /UPDATE is not allowed/],
    ["delete from users", /DELETE is not allowed/],
    ["create table mine as select 1", /CREATE is not allowed/],
    ["create or replace view users as select 1", /CREATE is not allowed/],
    ["drop view users", /DROP is not allowed/],
    ["alter view users rename to people", /ALTER is not allowed/],
    ["attach 'OUT'", /ATTACH is not allowed/],
    ["install httpfs", /INSTALL is not allowed/],
    ["load httpfs", /LOAD is not allowed/],
    ["set threads = 1", /SET is not allowed/],
    ["set enable_external_access = true", /SET is not allowed/],
    ["reset threads", /RESET is not allowed/],
    ["pragma database_list", /PRAGMA is not allowed/],
    ["call pragma_version()", /CALL is not allowed/],
    ["begin", /BEGIN is not allowed/],
    ["prepare p as select 1", /PREPARE is not allowed/],
    [
      "with x as (select 1) insert into users select * from x",
      /not an? table|INSERT is not allowed/,
    ],
    ["explain analyze copy (select 1) to 'OUT'", /COPY is not allowed/],
    ["explain copy (select 1) to 'OUT'", /COPY is not allowed/],
    ["explain (analyze, format json) copy users to 'OUT'", /COPY is not allowed/],
    ["/* a */ explain\n  analyze\n copy users to 'OUT'", /COPY is not allowed/],
    ["explain /* a */ analyze copy users to 'OUT'", /is not allowed/],
    ["explain analyze create table mine as select 1", /CREATE is not allowed/],
    ["explain analyze drop view users", /DROP is not allowed/],
    ["select * from enable_logging(storage_path = 'OUT')", /ENABLE_LOGGING is not allowed/],
    ["select * from enable_profiling(save_location = 'OUT')", /ENABLE_PROFILING is not allowed/],
    ["select 1; select 2", /^expected one statement, got 2$/],
    ["select 1; copy users to 'OUT'", /^expected one statement, got 2$/],
    ["explain select 1; copy users to 'OUT'", /^expected one statement, got 2$/],
    ["", /^expected one statement, got none$/],
    ["-- nothing", /^expected one statement, got none$/],
    [";", /is not allowed|got none/],
    ["select * from read_text('/etc/passwd')", /\/etc\/passwd.* disabled by configuration/],
    ["select * from read_csv('/etc/passwd')", /\/etc\/passwd.* disabled by configuration/],
    ["select * from read_blob('IN/../../../etc/passwd')", /disabled by configuration/],
    ["select * from glob('/etc/*')", /disabled by configuration/],
    ["select * from '/etc/passwd'", /does not exist|disabled by configuration/],
    ["select * from nowhere", /^query: .*Table with name nowhere does not exist/s],
    ["selec 1", /SELEC is not allowed/],
    ["select from where", /^query: .*syntax error/s],
  ])("%s", async (sql, message) => {
    await expectNothingChanged(async () => {
      await expect(rowsOf(inFolder(sql))).rejects.toMatchObject({
        code: "SQL_FAILED",
        message: expect.stringMatching(message) as unknown,
      });
    });
  });

  // Comments that nest, or that end where JavaScript sees the end of a line and DuckDB does not.
  test.each([
    "/* /* */ explain select 1; -- */ explain analyze copy users to 'OUT'",
    "-- \u2028 explain select 1 /*\n explain analyze copy users to 'OUT' -- */",
    "explain analyze --\n copy users to 'OUT'",
  ])("behind comments: %j", async (sql) => {
    await expectNothingChanged(async () => {
      await Promise.allSettled([rowsOf(inFolder(sql))]);
    });
  });
});

function inFolder(sql: string): string {
  return sql.replaceAll("OUT", join(run.runDir, "out")).replaceAll("IN", run.runDir);
}

async function expectNothingChanged(action: () => Promise<void>): Promise<void> {
  const list = async () => (await readdir(run.runDir, { recursive: true })).sort();
  const before = await list();
  await action();
  expect(await list()).toEqual(before);
  expect(await rowsOf("select count(*) from users")).toEqual([[2]]);
}
