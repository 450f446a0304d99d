import Table from "cli-table3";
import { describe, expect, test } from "vitest";
import { textTable } from "../../../src/inspect/sql/text-table.ts";
import { seededRandom } from "../../util/seeded-random.ts";

const columns = [
  { name: "id", kind: "number" as const },
  { name: "a longer name", kind: "other" as const },
  { name: "", kind: "timestamp" as const },
];

/** The table as the library draws it. */
function drawn(rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: columns.map(({ name }) => name),
    colAligns: ["right", "left", "left"],
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

describe("textTable", () => {
  test.each([
    ["no row", []],
    ["empty cells", [["", "", ""]]],
    [
      "plain rows",
      [
        ["1", "x", "NULL"],
        ["-12.5", "a longer value than the name", "y"],
      ],
    ],
    ["narrow letters of other scripts", [["1", "Amélie – Ωмега…", "\uFFFD[31m"]]],
    ["wide, joined and signed letters", [["1", "漢字 👩‍👩‍👧 e\u0301 © ™ ‼", "é"]]],
  ])("%s: is the library's table", (_what, rows) => {
    expect(textTable(columns, rows)).toBe(drawn(rows));
  });

  test("random cells of every narrow character are as wide as the library has them", () => {
    const random = seededRandom(5);
    const letters = Array.from({ length: 0x2030 }, (_, code) => String.fromCharCode(code)).filter(
      (letter) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(letter),
    );
    const cell = (): string =>
      Array.from({ length: random(6) }, () => letters[random(letters.length)] ?? "").join("");
    for (let round = 0; round < 500; round++) {
      const rows = [[cell(), cell(), cell()]];
      expect(textTable(columns, rows)).toBe(drawn(rows));
    }
  });
});
