import { describe, expect, test } from "vitest";
import { paramValues, showParam } from "../../../src/inspect/sql/saved-params.ts";
import {
  findSavedQuery,
  readSavedQuery,
  savedQueries,
} from "../../../src/inspect/sql/saved-queries.ts";
import { bindSavedQuery } from "../../../src/inspect/sql/saved-queries.ts";
import { part } from "../../flow/stage-of.ts";

const header = `-- inspect/made: how many there are.
-- More about it.
-- grain   one row
-- reads   samples(user_id, item_id), items,
--         users(user_id)
-- params  $top    BIGINT = 10, rows shown
--         $share  DOUBLE = 0.5, of them
--         $kind   VARCHAR, of which kind; all, some or none

select $top, $share, $kind from samples -- reads   nothing
`;
const { params } = readSavedQuery("made", header);

describe("readSavedQuery", () => {
  test("takes help, tables and parameters from the header", () => {
    expect(readSavedQuery("made", header)).toEqual({
      name: "made",
      about: "how many there are.",
      reads: ["samples", "items", "users"],
      params: [
        { name: "top", type: "BIGINT", initial: "10", about: "rows shown" },
        { name: "share", type: "DOUBLE", initial: "0.5", about: "of them" },
        { name: "kind", type: "VARCHAR", initial: null, about: "of which kind; all, some or none" },
      ],
      sql: header,
    });
  });

  test("params none is none", () => {
    const text = "-- inspect/x: y.\n-- grain   z\n-- reads   items\n-- params  none\n\nselect 1\n";
    expect(readSavedQuery("x", text)).toMatchObject({ reads: ["items"], params: [] });
  });

  test.each(["$top  BIGINT = 10", "$top, rows", "$top  INT8 = 1, rows", "top  BIGINT, rows"])(
    "a declaration that cannot be read is a bug: %s",
    (line) => {
      expect(() => readSavedQuery("x", `-- inspect/x: y.\n-- params  ${line}\n`)).toThrow(
        `internal: sql/inspect/x.sql declares a parameter as "${line}"`,
      );
    },
  );
});

describe("savedQueries", () => {
  test("each has one line of help and says which tables it needs", () => {
    expect(savedQueries().length).toBeGreaterThan(15);
    for (const { name, about, reads } of savedQueries()) {
      expect(about, name).toMatch(/^\S.{20,140}\.$/);
      expect(reads, name).not.toEqual([]);
    }
  });

  test("one that there is not is refused, naming those that there are", () => {
    expect(findSavedQuery(savedQueries(), "splits").name).toBe("splits");
    expect(() => findSavedQuery(savedQueries(), "../report/trials")).toThrow(
      /^unknown saved query \.\.\/report\/trials; saved queries: attribute_values, cold_start, /,
    );
  });
});

describe("paramValues", () => {
  test("reads values by type and fills in defaults", () => {
    expect(paramValues("made", params, ["kind=a=b, 'c'"])).toEqual({
      top: 10,
      share: 0.5,
      kind: "a=b, 'c'",
    });
    expect(paramValues("made", params, ["kind=", "share=-1e-3", "top=-7"])).toEqual({
      top: -7,
      share: -0.001,
      kind: "",
    });
  });

  test.each([
    [["top=many", "kind=x"], /^made: expected a whole number for top \(rows shown\), got "many"$/],
    [["top=1.5", "kind=x"], /expected a whole number for top/],
    [["top=1; drop table x", "kind=x"], /expected a whole number for top/],
    [["share=", "kind=x"], /expected a number for share/],
    [["share=inf", "kind=x"], /expected a number for share/],
    [[], /^made: expected text for kind \(of which kind; all, some or none\), got none$/],
    [["kind=x", "kind=y"], /^made: kind is set twice$/],
    [
      ["tip=1", "kind=x"],
      /^made: "tip=1" does not set a parameter\. Parameters: top=10 \(rows shown\), share=0\.5 \(of them\), kind=VARCHAR \(/,
    ],
    [["kind"], /^made: "kind" does not set a parameter\./],
  ])("%j", (given, message) => {
    expect(() => paramValues("made", params, given)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringMatching(message) as unknown,
      }),
    );
  });

  test("a query without parameters says so", () => {
    expect(() => paramValues("made", [], ["a=1"])).toThrow(
      /"a=1" does not set a parameter\. This query has no parameters\.$/,
    );
  });

  test("parameters are shown as they are given", () => {
    expect(params.map(showParam)).toEqual(["top=10", "share=0.5", "kind=VARCHAR"]);
  });
});

describe("bindSavedQuery", () => {
  test("is ready when the run has its tables", () => {
    const tables = { timeline: [part("timeline", "a")] };
    expect(bindSavedQuery("splits_over_time", ["spans=2"], tables)).toMatchObject({
      sql: expect.stringContaining("from timeline") as unknown,
      params: { spans: 2 },
    });
  });

  test("names the stage that makes a table which the run lacks", () => {
    expect(() =>
      bindSavedQuery("context_coverage", [], { user_contexts: [], samples: [] }),
    ).toThrow(
      expect.objectContaining({
        code: "RUN_INVALID",
        message:
          "the saved query context_coverage reads the table item_contexts, which this run does not have: " +
          "the stage contexts makes it; go on with r4ec run <pipeline.yaml> --to contexts",
      }),
    );
  });
});
