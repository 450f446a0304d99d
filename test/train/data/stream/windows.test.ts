import { describe, expect, test } from "vitest";
import { shuffledRows } from "../../../../src/train/data/sample-split.ts";
import { stretchRows, type Chunk } from "../../../../src/train/data/stream/chunks.ts";
import { epochWindows, windowsInOrder, type Window } from "../../../../src/train/data/stream/windows.ts";

/** A part a chunk, of 1 to 5 rows: 120 rows in 40 chunks. */
const chunks = Array.from({ length: 40 }, (_none, place): Chunk => {
  return { part: `part ${place}`, firstRow: 0, rows: 1 + (place % 5) };
});

/** Every row by its name, in the order of the windows. */
function rowsIn(windows: readonly Window[]): readonly string[] {
  return windows.flatMap((window) => {
    const names = window.chunks.flatMap(({ part, rows }) =>
      Array.from({ length: rows }, (_none, row) => `${part} row ${row}`),
    );
    const order = window.order?.() ?? names.keys();
    return Array.from(order, (row) => names[row] ?? "none");
  });
}

const all = rowsIn(windowsInOrder(chunks)).toSorted();
const first = { seed: 1, epoch: 1, skip: 0 };

describe("epochWindows", () => {
  test("has every row once, in windows within the limit and none of them far below", () => {
    const windows = epochWindows(chunks, 32, first);
    expect(rowsIn(windows).toSorted()).toEqual(all);
    // 120 rows in windows of at most 32, each perhaps a chunk of 5 longer than its share: five shares of 24.
    expect(windows).toHaveLength(5);
    for (const { rows } of windows) {
      expect(rows).toBeLessThanOrEqual(29);
      expect(rows).toBeGreaterThanOrEqual(19);
    }
  });

  test("mixes rows from all over the data into each window", () => {
    for (const { chunks: held } of epochWindows(chunks, 32, first)) {
      const places = held.map((chunk) => chunks.indexOf(chunk));
      expect(Math.max(...places) - Math.min(...places)).toBeGreaterThan(20);
    }
  });

  test("the order follows from seed and epoch, and from nothing else", () => {
    const order = rowsIn(epochWindows(chunks, 32, first));
    expect(rowsIn(epochWindows([...chunks], 32, first))).toEqual(order);
    expect(rowsIn(epochWindows(chunks, 32, { ...first, seed: 2 }))).not.toEqual(order);
    expect(rowsIn(epochWindows(chunks, 32, { ...first, epoch: 2 }))).not.toEqual(order);
  });

  test("reads a window's chunks as they lie on disk", () => {
    for (const { chunks: held } of epochWindows(chunks, 32, first)) {
      const places = held.map((chunk) => chunks.indexOf(chunk));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
  });

  test.each([0, 1, 23, 24, 50, 119, 120])(
    "goes on after %d rows, reading no earlier window",
    (skip) => {
      const whole = epochWindows(chunks, 32, first);
      const rest = epochWindows(chunks, 32, { ...first, skip });
      expect(rowsIn(rest)).toEqual(rowsIn(whole).slice(skip));
      let rows = 0;
      const ended = whole.filter((window) => (rows += window.rows) <= skip);
      expect(rest.map((window) => window.chunks)).toEqual(
        whole.slice(ended.length).map((window) => window.chunks),
      );
    },
  );

  test("one window of all rows has them in the order of rows in memory", () => {
    const [window, ...others] = epochWindows(chunks, 120, { seed: 7, epoch: 3, skip: 0 });
    expect(others).toEqual([]);
    expect(window?.chunks).toEqual(chunks);
    expect(window?.order?.()).toEqual(shuffledRows(120, 7, 3));
  });

  test.each([8, 9, 16, 33, 1000])(
    "keeps to windows of %d rows whatever the chunks",
    (windowRows) => {
      const largest = stretchRows(windowRows);
      for (let rows = 1; rows < 300; rows += 7) {
        const cut = Array.from({ length: Math.ceil(rows / largest) }, (_none, place): Chunk => {
          return { part: "a", firstRow: place, rows: Math.min(largest, rows - place * largest) };
        });
        const windows = epochWindows(cut, windowRows, { seed: rows, epoch: 1, skip: 0 });
        expect(Math.max(...windows.map((window) => window.rows))).toBeLessThanOrEqual(windowRows);
        expect(windows.reduce((sum, window) => sum + window.rows, 0)).toBe(rows);
      }
    },
  );
});

describe("windowsInOrder", () => {
  test("has a window a chunk, in the order of the parts, and shuffles nothing", () => {
    const windows = windowsInOrder(chunks);
    expect(windows.map((window) => window.chunks)).toEqual(chunks.map((chunk) => [chunk]));
    expect(windows.some(({ order }) => order !== undefined)).toBe(false);
  });
});

describe("stretchRows", () => {
  test("is DuckDB's row group, or less where a window would not hold several", () => {
    expect(stretchRows(5_000_000)).toBe(122_880);
    expect(stretchRows(80_000)).toBe(10_000);
    expect(stretchRows(8)).toBe(1);
  });
});
