import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { emptyColumns } from "../../../../src/train/data/split-columns.ts";
import type { RowPiece } from "../../../../src/train/data/sample-split.ts";
import { readWindows, type LoadWindow } from "../../../../src/train/data/stream/read-windows.ts";
import type { Window } from "../../../../src/train/data/stream/windows.ts";

/** Five windows of 3 rows. */
const windows = Array.from({ length: 5 }, (_none, place): Window => {
  return { chunks: [{ part: String(place), firstRow: 0, rows: 3 }], rows: 3 };
});
const buffers = [emptyColumns(4, 1), emptyColumns(4, 1)] as const;

/** Writes the window's number into its first row, after a turn of the event loop. */
function loader(fail: (place: number) => void = () => undefined) {
  const begun: number[] = [];
  const load: LoadWindow = async ({ chunks: [chunk] }, columns, signal) => {
    const place = Number(chunk?.part);
    begun.push(place);
    await setImmediate();
    signal.throwIfAborted();
    fail(place);
    columns.items[0] = place;
  };
  return { begun, load };
}

async function nextOf(pieces: AsyncGenerator<RowPiece, void>): Promise<RowPiece> {
  const { value } = await pieces.next();
  if (value === undefined) throw new Error("no further piece");
  return value;
}

describe("readWindows", () => {
  test("gives the windows in order, whoever is slow", async () => {
    const { load } = loader();
    const found: number[] = [];
    for await (const { columns } of readWindows(windows, buffers, load)) {
      await setImmediate();
      await setImmediate();
      found.push(columns.items[0] ?? -1);
      expect(columns.rows).toBe(3);
    }
    expect(found).toEqual([0, 1, 2, 3, 4]);
  });

  test("reads one window ahead and holds no more than the two buffers", async () => {
    const { begun, load } = loader();
    const held = new Set<Int32Array>();
    let place = 0;
    for await (const { columns } of readWindows(windows, buffers, load)) {
      for (let turn = 0; turn < 5; turn++) await setImmediate();
      expect(begun).toEqual([0, 1, 2, 3, 4].slice(0, place + 2));
      held.add(columns.items);
      place += 1;
    }
    expect([...held]).toEqual(buffers.map(({ items }) => items));
  });

  test("asks for a window's order only when its turn comes", async () => {
    const asked: number[] = [];
    const shuffled = windows.map((window, place) => ({
      ...window,
      order: () => {
        asked.push(place);
        return Uint32Array.of(2, 1);
      },
    }));
    const pieces = readWindows(shuffled, buffers, loader().load);
    expect((await nextOf(pieces)).order).toEqual(Uint32Array.of(2, 1));
    expect(asked).toEqual([0]);
    await pieces.return(undefined);
  });

  test("an error comes with the window it belongs to, though it was read before", async () => {
    const { load } = loader((place) => {
      if (place === 1) throw new Error("damaged");
    });
    const pieces = readWindows(windows, buffers, load);
    expect((await nextOf(pieces)).columns.items[0]).toBe(0);
    for (let turn = 0; turn < 5; turn++) await setImmediate(); // an unhandled rejection would end the test
    await expect(pieces.next()).rejects.toThrow("damaged");
  });

  test("whoever stops early stops the reading, and waits until it has ended", async () => {
    let [running, ended] = [0, 0];
    const load: LoadWindow = async (_window, _columns, signal) => {
      running += 1;
      try {
        if (running === 2) while (!signal.aborted) await setImmediate();
        signal.throwIfAborted();
      } finally {
        ended += 1;
      }
    };
    const pieces = readWindows(windows, buffers, load);
    await pieces.next();
    await pieces.return(undefined);
    expect([running, ended]).toEqual([2, 2]);
  });
});
