import { describe, expect, test } from "vitest";
import { listAnswer } from "../../../src/inspect/sql/list-answer.ts";
import { readRowLimit, showAnswer } from "../../../src/inspect/sql/show-answer.ts";

/** Shows n rows, at most `maxRows`. */
async function show(n: number, maxRows: number) {
  const said: string[] = [];
  let text = "";
  const rows = await showAnswer(
    listAnswer(
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
