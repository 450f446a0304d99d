import Table from "cli-table3";
import { printable } from "../../base/printable.ts";
import type { AnswerColumn } from "./answer.ts";

/** Characters that are one column wide in every terminal, and stand alone. */
const narrow =
  /^[ -~\u00a1-\u00a8\u00aa-\u00ad\u00af-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\ufffd]*$/;

/** A table with borders, of cells of one line. Without wide or joined characters it is put together here, which is much faster. */
export function textTable(
  columns: readonly Pick<AnswerColumn, "name" | "kind">[],
  rows: readonly (readonly string[])[],
): string {
  const head = columns.map(({ name }) => printable(name));
  const isRight = columns.map(({ kind }) => kind === "number");
  const isNarrow = (cells: readonly string[]): boolean => cells.every((cell) => narrow.test(cell));
  if (head.length > 0 && isNarrow(head) && rows.every(isNarrow)) {
    return narrowTable(head, isRight, rows);
  }
  const table = new Table({
    head,
    colAligns: isRight.map((right) => (right ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

function narrowTable(
  head: readonly string[],
  isRight: readonly boolean[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((name, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), name.length),
  );
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? "";
      return isRight[column] === true ? cell.padStart(width) : cell.padEnd(width);
    });
    return `│ ${padded.join(" │ ")} │`;
  };
  const border = (left: string, cross: string, right: string): string =>
    left + widths.map((width) => "─".repeat(width + 2)).join(cross) + right;
  return [
    border("┌", "┬", "┐"),
    line(head),
    ...(rows.length === 0 ? [] : [border("├", "┼", "┤"), ...rows.map(line)]),
    border("└", "┴", "┘"),
  ].join("\n");
}
