import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { QueryAnswer, TextFormat } from "../../../src/inspect/sql/answer.ts";
import { answerText } from "../../../src/inspect/sql/answer-text.ts";
import { queryRun } from "../../../src/inspect/sql/query-run.ts";
import type { CsvOptions } from "../../../src/tables/files/table-file.ts";
import { openSmallRun, type SmallRun } from "../small-run.ts";

let run: SmallRun;
beforeAll(async () => {
  run = await openSmallRun();
});
afterAll(() => run.close());

/** Rows of (n, text) whose reading is counted. */
function counted(values: readonly (readonly unknown[])[]): QueryAnswer & { taken: number } {
  async function* rows() {
    for (const row of values) {
      answer.taken++;
      yield await Promise.resolve([row]);
    }
  }
  const columns = [
    { name: "n", kind: "number" as const },
    { name: "text", kind: "other" as const },
  ];
  const answer = { columns, blocks: rows(), taken: 0 };
  return answer;
}

async function show(
  answer: QueryAnswer,
  format: TextFormat,
  csv: CsvOptions = {},
): Promise<string> {
  let text = "";
  for await (const piece of answerText(answer, format, csv)) text += piece;
  return text;
}

async function query(sql: string, format: TextFormat): Promise<string> {
  return show(await queryRun(run.db, sql), format);
}

const three = [
  [1, "one"],
  [2, null],
  [3, 'say "a, b"\nand c'],
];

test("answerText: a table acts on no escape in values, lists and column names", async () => {
  const hostile = `select chr(27) || '[31m' as "\u001b]0;x\u0007", [chr(155) || 'a', chr(8)] as list`;
  const table = await query(hostile, "table");
  expect(table).not.toMatch(/[^\P{Cc}\n]/u);
  expect(table).toContain("\uFFFD[31m");
  expect(await query(hostile, "csv")).toContain("\u001b[31m"); // a file keeps what the data are
});

describe("answerText: csv", () => {
  test("quotes what needs it and leaves NULL empty", async () => {
    expect(await show(counted(three), "csv")).toBe('n,text\n1,one\n2,\n3,"say ""a, b""\nand c"\n');
  });

  test("puts an apostrophe before formulas in cells and names for a spreadsheet, and only then", async () => {
    const sql = `select '=1+1' as "=a", '-2' as b, -3 as c, '-inf'::float as d, -1.50::decimal(4,2) as e, '@x,"y"' as f, null as g`;
    const options = { isForSpreadsheets: true };
    expect(await show(await queryRun(run.db, sql), "csv", options)).toBe(
      `'=a,b,c,d,e,f,g\n'=1+1,-2,-3,-Infinity,-1.5,"'@x,""y""",\n`,
    );
    expect(await query(sql, "csv")).toContain('\n=1+1,-2,-3,-Infinity,-1.5,"@x');
    const json = await show(await queryRun(run.db, sql), "json", options);
    expect(json).toBe(await query(sql, "json"));
  });

  test("tells an empty text from NULL", async () => {
    expect(await show(counted([["", null]]), "csv")).toBe('n,text\n"",\n');
  });

  test("writes every type as a spreadsheet or DuckDB reads it again", async () => {
    const sql = `select
      date '2001-02-03' as d, timestamp '2001-02-03 04:05:06.789' as ts, time '04:05:06' as t, interval 3 days as i,
      9007199254740993 as big, 1.50::decimal(4, 2) as dec, 'nan'::double as nan, true as b, [1, 2] as list,
      {'x': 1, 'y': date '2001-02-03'} as struct, uuid '00000000-0000-0000-0000-000000000001' as id`;
    expect(await query(sql, "csv")).toBe(
      "d,ts,t,i,big,dec,nan,b,list,struct,id\n" +
        "2001-02-03,2001-02-03 04:05:06.789,04:05:06,3 days,9007199254740993,1.5,NaN,true," +
        '"[1,2]","{""x"":1,""y"":""2001-02-03""}",00000000-0000-0000-0000-000000000001\n',
    );
  });

  test("writes the head alone when there are no rows", async () => {
    expect(await show(counted([]), "csv")).toBe("n,text\n");
  });

  test("quotes column names too", async () => {
    expect(await query('select 1 as "a,b"', "csv")).toBe('"a,b"\n1\n');
  });
});

describe("answerText: json", () => {
  test("is one array of objects", async () => {
    const text = await show(counted(three), "json");
    expect(JSON.parse(text)).toEqual([
      { n: 1, text: "one" },
      { n: 2, text: null },
      { n: 3, text: 'say "a, b"\nand c' },
    ]);
    expect(JSON.parse(await show(counted([]), "json"))).toEqual([]);
  });

  test("writes dates as text, large integers as text, lists and maps as such", async () => {
    const sql = `select date '2001-02-03' as d, timestamp '2001-02-03 04:05:06' as ts, 42::bigint as small,
      9007199254740993 as big, 'inf'::double as inf, [1.5, null] as list, map {'k': [1]} as map, [1, 2]::integer[2] as pair`;
    expect(JSON.parse(await query(sql, "json"))).toEqual([
      {
        d: "2001-02-03",
        ts: "2001-02-03T04:05:06Z",
        small: 42,
        big: "9007199254740993",
        inf: null,
        list: [1.5, null],
        map: { k: [1] },
        pair: [1, 2],
      },
    ]);
  });
});

test.each<[TextFormat, string]>([
  ["csv", "t,far\n2001-02-03 04:05:06.123456,infinity\n"],
  ["json", '[\n{"t":"2001-02-03T04:05:06.123456Z","far":"infinity"}\n]\n'],
])("answerText: %s keeps microseconds, and times without end", async (format, text) => {
  const sql = "select timestamp '2001-02-03 04:05:06.123456' as t, 'infinity'::timestamp as far";
  expect(await query(sql, format)).toBe(text);
});

test("answerText: columns of equal name stay apart in json and keep their name in csv", async () => {
  const sql = 'select 1 as a, 2 as b, 3 as a, 4 as "a:1"';
  expect(JSON.parse(await query(sql, "json"))).toEqual([{ a: 1, b: 2, "a:1": 3, "a:1:1": 4 }]);
  expect(await query(sql, "csv")).toBe("a,b,a,a:1\n1,2,3,4\n");
});

describe("answerText: table", () => {
  test("has a head, a line a row, numbers to the right and NULL where there is nothing", async () => {
    const lines = (await show(counted(three), "table")).split("\n");
    expect(lines[1]).toMatch(/│ n │ text +│/);
    expect(lines[3]).toMatch(/│ 1 │ one +│/);
    expect(lines[4]).toMatch(/│ 2 │ NULL +│/);
    expect(lines[5]).toMatch(/│ 3 │ say "a, b" and c │/); // one line, whatever the text holds
    expect(await query("select 5 as wide_name, 0.1234567891 as f", "table")).toContain(
      "│         5 │ 0.1234568 │",
    );
  });

  test("shortens long cells", async () => {
    const text = await show(counted([[1, "x".repeat(200)]]), "table");
    expect(text).toContain(`${"x".repeat(59)}…`);
    expect(text).not.toContain("x".repeat(60));
  });

  test("has its head also without rows", async () => {
    expect(await show(counted([]), "table")).toContain("│ n │ text │");
  });
});

describe("answerText: many rows", () => {
  const many = Array.from({ length: 2500 }, (_, n) => [n, "x".repeat(40)]);

  test.each<TextFormat>(["table", "json", "csv"])("%s comes in pieces", async (format) => {
    const answer = counted(many);
    const pieces = answerText(answer, format);
    const first = await pieces.next();
    expect(answer.taken).toBeLessThan(1200); // the rest has not been read, let alone held
    let text = String(first.value);
    for await (const piece of pieces) text += piece;
    expect(text.match(/x{40}/g)).toHaveLength(2500);
    if (format === "json") expect(JSON.parse(text)).toHaveLength(2500);
  });

  test("a table of its own for every thousand rows", async () => {
    const text = await show(counted(many), "table");
    expect(text.match(/│ +n │ text/g)).toHaveLength(3);
  });
});
