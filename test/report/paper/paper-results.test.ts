import { describe, expect, test } from "vitest";
import { readPaperResults } from "../../../src/report/paper/paper-results.ts";
import { paperNames } from "../../../src/report/settings.ts";

const results = readPaperResults();

/** Rounded AUCs and LogLosses move a change of theirs by this much at most, in percent. */
const rounding = 0.012;

/** Printed changes against Base that the printed scores do not give, as "table backbone row field". */
function contradictions(): readonly string[] {
  return Object.entries(results.tables).flatMap(([name, { rows }]) =>
    rows.flatMap((row) => {
      const base = rows.find((one) => one.backbone === row.backbone && one.row === "base");
      if (base === undefined) throw new Error(`${name} has no Base of ${row.backbone}`);
      const computed = {
        aucImprovement: 100 * (row.auc / base.auc - 1),
        loglossReduction: 100 * (1 - row.logloss / base.logloss),
      };
      return (["aucImprovement", "loglossReduction"] as const)
        .filter((field) => Math.abs(computed[field] - (row[field] ?? computed[field])) > rounding)
        .map((field) => `${name} ${row.backbone} ${row.row} ${field}`);
    }),
  );
}

describe("data/paper-results.json", () => {
  test("has every table and figure that a pipeline can name, and no other", () => {
    const held = [...Object.keys(results.tables), ...Object.keys(results.figures)];
    expect(held.toSorted()).toEqual([...paperNames].sort());
  });

  test("agrees with itself: changes follow from scores, except for the misprints it lists", () => {
    const listed = results.misprints.map(
      ({ table, backbone, row, field }) => `${table} ${backbone} ${row} ${field}`,
    );
    expect(contradictions()).toEqual(listed);
  });

  test.each(["table2-ml-1m", "table2-amazon-books"])(
    "%s has six backbones by four methods",
    (name) => {
      const rows = results.tables[name]?.rows ?? [];
      expect(rows.map(({ backbone, row }) => `${backbone} ${row}`)).toEqual(
        ["dien", "gru4rec", "autoint", "fignn", "dcn", "deepfm"].flatMap((backbone) =>
          ["base", "kar", "r2ec", "r4ec"].map((row) => `${backbone} ${row}`),
        ),
      );
      const withoutChange = rows.filter(({ aucImprovement }) => aucImprovement === undefined);
      expect(new Set(withoutChange.map(({ row }) => row))).toEqual(new Set(["base"]));
    },
  );

  test.each(["ml-1m", "amazon-books"])("Tables 2 and 4 have the same AutoInt on %s", (data) => {
    const [two, four] = ["table2", "table4"].map(
      (table) => results.tables[`${table}-${data}`]?.rows ?? [],
    );
    const of = (rows: typeof two, row: string) =>
      rows?.flatMap((one) =>
        one.backbone === "autoint" && one.row === row
          ? [{ auc: one.auc, logloss: one.logloss }]
          : [],
      );
    expect(of(four, "base")).toHaveLength(1);
    expect(of(four, "base")).toEqual(of(two, "base"));
    expect(of(four, "bge-m3")).toEqual(of(two, "r4ec"));
  });
});
