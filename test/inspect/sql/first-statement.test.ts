import { describe, expect, test } from "vitest";
import { firstStatement, isBlank } from "../../../src/inspect/sql/first-statement.ts";

describe("firstStatement", () => {
  test("cuts at the first semicolon", () => {
    expect(firstStatement("select 1; select 2;")).toEqual({
      statement: "select 1",
      rest: " select 2;",
    });
  });

  test.each([
    "select 'a;b'",
    "select 'it''s; so'",
    'select ";" from "a"";b"',
    "select e'\\';' ",
    "select $$a;b$$, $x$;$$;$x$",
    "select 1 -- not; yet\n",
    "select /* a; /* b; */ c; */ 1",
    "select name'a;b'", // a text after a word
    "select 1 /* ' */",
    "select 1 -- '\n",
    "select $top, col$umn",
  ])("passes over what stands in texts, names and comments: %s", (statement) => {
    expect(firstStatement(`${statement}; rest`)).toEqual({ statement, rest: " rest" });
  });

  test.each([
    "select 1",
    "select 'a;",
    'select "a;',
    "select $$ ; ",
    "/* ; ",
    "-- ;",
    "",
    "e'\\';",
  ])("waits for more after %s", (text) => {
    expect(firstStatement(text)).toBeNull();
  });

  test("an open text is closed by what comes later", () => {
    expect(firstStatement("select 'a;\nb';")).toEqual({ statement: "select 'a;\nb'", rest: "" });
  });
});

describe("isBlank", () => {
  test.each(["", " \n", "-- a", "/* a */ -- b\n /* /* c */ */ "])("%j holds nothing", (text) => {
    expect(isBlank(text)).toBe(true);
  });

  test.each(["select", "-- a\n.", "/* open", "/* a */ 1"])("%j holds something", (text) => {
    expect(isBlank(text)).toBe(false);
  });
});
