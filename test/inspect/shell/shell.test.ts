import { PassThrough, Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completeLine } from "../../../src/inspect/shell/complete-line.ts";
import { openHistory } from "../../../src/inspect/shell/history.ts";
import { runScript } from "../../../src/inspect/shell/run-script.ts";
import { runTerminal } from "../../../src/inspect/shell/run-terminal.ts";
import { reasonOf } from "../../../src/base/errors.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { openSmallRun, type SmallRun } from "../small-run.ts";
import { openSmallShell, smallTables } from "./open-small-shell.ts";

let run: SmallRun;
beforeAll(async () => {
  run = await openSmallRun();
});
afterAll(() => run.close());

/** What a script prints; `said` is what it tells beside that. */
async function script(text: string) {
  const small = openSmallShell(run);
  const signal = new AbortController().signal;
  const error = await runScript({
    shell: small.shell,
    input: Readable.from([text]),
    signal,
  }).catch((thrown: unknown) => reasonOf(thrown));
  return { printed: small.printed(), said: small.said(), error };
}

describe("runScript", () => {
  test("answers statement after statement; the last needs no semicolon", async () => {
    expect(await script("select 1 as a; select\n2 as b;\n-- done\nselect 3 as c\n")).toEqual({
      ...{ printed: "a\n1\nb\n2\nc\n3\n", said: [], error: undefined },
    });
    expect(await script("")).toMatchObject({ printed: "", error: undefined });
  });

  test("ends at the first that fails and names its line", async () => {
    expect(
      await script("select 1 as a;\nselect 2\n;\n\ncopy users to 'x'; select 4 as d;"),
    ).toEqual({
      printed: "a\n1\n2\n2\n",
      said: [],
      error: expect.stringMatching(/^line 5: COPY is not allowed: a run is read-only/) as unknown,
    });
  });

  test("takes commands and keeps what they set", async () => {
    const text =
      ".limit 2\n.format json\nfrom range(3);\n.limit all\nfrom range(4);\n.quit\nselect 1;";
    const { printed, said } = await script(text);
    expect(printed).toBe(
      '[\n{"range":0},\n{"range":1}\n]\n[\n{"range":0},\n{"range":1},\n{"range":2},\n{"range":3}\n]\n',
    );
    expect(said).toEqual(["only the first 2 rows are shown: .limit all shows every row"]);
  });
});

describe("commands", () => {
  test(".tables lists tables with rows and meaning", async () => {
    expect((await script(".tables")).printed).toBe(
      'table,rows,about\nitems,0,"Every item of the catalogue, rated or not."\n' +
        "users,2,Every user with at least one interaction.\n",
    );
  });

  test(".schema lists the columns of a table with their meaning, or of all", async () => {
    expect((await script(".schema users")).printed).toMatch(
      /^table,column,type,about\nusers,user_id,INTEGER,"user: .*"\nusers,attributes,"MAP\(VARCHAR, VARCHAR\[\]\)","attribute name to .*"\n$/,
    );
    expect((await script(".limit all\n.schema")).printed).toContain("items,title,VARCHAR,");
  });

  test(".saved lists saved queries, .run runs one", async () => {
    expect((await script(".limit all\n.saved")).printed).toContain(
      "attribute_values,top=10,the most frequent values of every attribute of items and users.\n",
    );
    expect((await script(".run attribute_values top=1")).printed).toContain(
      "user,gender,F,1,0.5,2",
    );
  });

  test(".help lists every command", async () => {
    const { printed } = await script(".limit all\n.help");
    for (const command of openSmallShell(run).shell.commands) expect(printed).toContain(command);
    expect(printed).toContain(".format table|json|csv,sets how answers are printed\n");
  });

  test.each([
    [".tabels", /unknown command \.tabels; commands: \.tables, \.schema, /],
    [".tables x", /^line 1: expected \.tables$/],
    [".run", /expected \.run name \[parameter=value\]…$/],
    [".run nothing", /unknown saved query nothing; saved queries: attribute_values, /],
    [".run splits", /the stage samples makes it/],
    [".run attribute_values top=few", /expected a whole number for top/],
    [".schema nothing", /unknown table nothing; tables: items, users$/],
    [".schema samples", /reads the table samples, which this run does not have: the stage samples/],
    [".format parquet", /expected table, json, csv, got parquet; Parquet is written with --format/],
    [".limit few", /\.limit: expected an integer >= 1, got few$/],
  ])("%s is refused", async (line, message) => {
    expect((await script(line)).error).toMatch(message);
  });

  test("a statement on a table that a later stage makes names the stage", async () => {
    expect((await script("select count(*) from samples;")).error).toBe(
      "line 1: query: this run has no table samples yet: the stage samples makes it",
    );
  });
});

describe("completeLine", () => {
  const complete = (line: string, begun = "") =>
    completeLine(begun, line, {
      ...{ db: run.db, tables: Object.keys(smallTables) },
      commands: [".tables", ".schema", ".run", ".format"],
    });

  test.each<[string, string[], string]>([
    [".ta", [".tables"], ".ta"],
    [".schema us", ["users"], "us"],
    [".schema users x", [], "x"],
    [".run knowledge_b", ["knowledge_by_round"], "knowledge_b"],
    [".run attribute_values t", ["top="], "t"],
    [".format ", ["table", "json", "csv"], ""],
    [".nothing a", [], "a"],
  ])("%s", async (line, hits, typed) => {
    expect(await complete(line)).toEqual([hits, typed]);
  });

  test("tables and columns in a statement, also over several lines and behind letters beyond ASCII", async () => {
    expect(await complete("select * from use")).toEqual([["users"], "use"]);
    expect((await complete("where user_i", "select *\nfrom users\n"))[0]).toContain("user_id");
    expect(await complete("select 'é€' from use")).toEqual([["users"], "use"]);
    expect((await complete("sel"))[0]).toEqual(["select "]);
    expect((await complete("SEL"))[0]).toEqual(["SELECT "]);
  });
});

describe("openHistory", () => {
  test("keeps entries over sessions, newest first, for their owner alone", async () => {
    const path = join(await scratchFolder(), "cache", "history");
    const first = await openHistory(path);
    await first.add("select 1;");
    await first.add("select 2;");
    await first.add("select 2;"); // again: once
    expect(first.entries()).toEqual(["select 2;", "select 1;"]);
    expect((await openHistory(path)).entries()).toEqual(["select 2;", "select 1;"]);
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  test("keeps the last thousand and shortens a file that has grown long", async () => {
    const path = join(await scratchFolder(), "history");
    const lines = Array.from({ length: 2001 }, (_, n) => `select ${n};`);
    await writeFile(path, `${lines.join("\n")}\n`);
    const { entries } = await openHistory(path);
    expect(entries()).toHaveLength(1000);
    expect(entries()[0]).toBe("select 2000;");
    expect((await readFile(path, "utf8")).split("\n")).toHaveLength(1001);
  });
});

describe("runTerminal", () => {
  /** A terminal session that is typed to; ends are awaited. */
  async function session() {
    const small = openSmallShell(run);
    const [input, output] = [new PassThrough(), new PassThrough()];
    let screen = "";
    output.on("data", (piece: Buffer) => (screen += piece.toString()));
    const path = join(await scratchFolder(), "history");
    const ended = runTerminal({
      ...{ shell: small.shell, db: run.db, tables: smallTables, input, output, say: small.say },
      history: await openHistory(path),
      explainError: reasonOf,
    });
    const until = async (isTrue: () => boolean): Promise<void> => {
      for (let tries = 0; !isTrue(); tries++) {
        if (tries === 500) throw new Error(`never happened; ${screen} ${small.said().join()}`);
        await wait(10);
      }
    };
    return {
      ...small,
      ended,
      type: (keys: string) => void input.write(keys),
      screen: () => screen,
      until,
      history: () => readFile(path, "utf8"),
    };
  }
  const [ctrlC, ctrlD, up] = ["\u0003", "\u0004", "\u001b[A"];

  test("answers, says how many rows in what time, goes on after an error, leaves at Ctrl-D", async () => {
    const shell = await session();
    shell.type("select 7 as seven\r;\r");
    await shell.until(() => shell.said().length === 1);
    expect(shell.printed()).toBe("seven\n7\n");
    expect(shell.said()[0]).toMatch(/^1 row in \d+\.\d\d s$/);
    expect(shell.screen()).toContain("  ... ");
    shell.type("selec 1;\rfrom range(2);\r");
    await shell.until(() => shell.said().length === 3);
    expect(shell.said()[1]).toMatch(/^SELEC is not allowed/);
    expect(shell.said()[2]).toMatch(/^2 rows in /);
    shell.type(ctrlD);
    await shell.ended;
    expect(await shell.history()).toBe("select 7 as seven;\nselec 1;\nfrom range(2);\n");
  });

  test("Ctrl-C stops the query that runs, and drops what is typed", async () => {
    const shell = await session();
    shell.type("select count(*) from range(1000000000000);\r");
    await wait(200);
    shell.type(ctrlC);
    await shell.until(() => shell.said().length === 1);
    expect(shell.said()).toEqual(["the query was stopped"]);
    shell.type("select 'never\rtyped");
    await shell.until(() => shell.screen().includes("typed"));
    shell.type(ctrlC);
    await shell.until(() => shell.screen().includes("^C"));
    shell.type("select 8 as eight;\r");
    await shell.until(() => shell.said().length === 2);
    expect(shell.printed()).toBe("eight\n8\n");
    shell.type(".quit\r");
    await shell.ended;
  });

  test("Tab completes and the arrow keys bring back whole statements", async () => {
    const shell = await session();
    shell.type("select count(*)\rfrom use\t");
    await shell.until(() => /use.*rs ?$/.test(shell.screen()));
    shell.type(";\r");
    await shell.until(() => shell.said().length === 1);
    expect(shell.printed()).toBe("count_star()\n2\n");
    shell.type(`${up}\r`);
    await shell.until(() => shell.said().length === 2);
    expect(shell.printed()).toBe("count_star()\n2\ncount_star()\n2\n");
    shell.type(ctrlD);
    await shell.ended;
    expect(await shell.history()).toBe("select count(*) from users;\n");
  });

  test("a history that cannot be kept is said once and stops nothing", async () => {
    const small = openSmallShell(run);
    const input = new PassThrough();
    input.end("select 1;\rselect 2;\r");
    await runTerminal({
      ...{ shell: small.shell, db: run.db, tables: smallTables, input },
      ...{ output: new PassThrough().resume(), say: small.say, explainError: reasonOf },
      history: { entries: () => [], add: () => Promise.reject(new Error("disk full")) },
    });
    expect(small.said().filter((line) => line.includes("history"))).toEqual([
      "cannot save the history: disk full",
    ]);
    expect(small.printed()).toBe("1\n1\n2\n2\n");
  });
});
