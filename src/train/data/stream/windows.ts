/** @file Plans which rows are in memory together, and in which order, when not all of them fit. No I/O. */
import { createRandom, permutation } from "../../../base/random.ts";
import { shuffledRows, type EpochOrder } from "../sample-split.ts";
import type { Chunk } from "./chunks.ts";

/** Chunks that are in memory at the same time. */
export interface Window {
  /** In their order on disk. */
  readonly chunks: readonly Chunk[];
  readonly rows: number;
  /** The order in which to use the window's rows; absent = all of them, in their own order. */
  readonly order?: () => Uint32Array;
}

/** One window per chunk, nothing shuffled. */
export function windowsInOrder(chunks: readonly Chunk[]): readonly Window[] {
  return chunks.map((chunk) => ({ chunks: [chunk], rows: chunk.rows }));
}

/**
 * An epoch's windows: chunks in random order are split into as few windows of nearly equal size as memory allows, then each window's
 * rows are shuffled. Windows that `skip` covers are left out, so they are not read again.
 *
 * A single window has the same order as rows held in memory.
 *
 * @param windowRows - Most rows per window; more than any chunk has
 */
export function epochWindows(
  chunks: readonly Chunk[],
  windowRows: number,
  { seed, epoch, skip }: EpochOrder,
): readonly Window[] {
  const visited = permutation(chunks.length, createRandom(seed, `chunks of epoch ${epoch}`));
  const windows: Window[] = [];
  let left = skip;
  for (const [number, places] of dealt(visited, chunks, windowRows).entries()) {
    const held = [...places].sort((a, b) => a - b).flatMap((place) => chunks[place] ?? []);
    const rows = rowsOf(held);
    const passed = Math.min(left, rows);
    left -= passed;
    if (passed === rows) continue;
    const order = (): Uint32Array => shuffledRows(rows, seed, epoch, number).subarray(passed);
    windows.push({ chunks: held, rows, order });
  }
  return windows;
}

/** Cuts the chunks, in visiting order, into windows of about equal size. */
function dealt(
  visited: Uint32Array,
  chunks: readonly Chunk[],
  windowRows: number,
): readonly (readonly number[])[] {
  const total = rowsOf(chunks);
  const largest = chunks.reduce((most, { rows }) => Math.max(most, rows), 0);
  // Windows start at chunk boundaries, so one may exceed its even share by up to a chunk.
  const count = total <= windowRows ? 1 : Math.ceil(total / (windowRows - largest));
  const windows = Array.from({ length: count }, (): number[] => []);
  let rowsBefore = 0;
  for (const place of visited) {
    windows[Math.floor((rowsBefore * count) / total)]?.push(place);
    rowsBefore += chunks[place]?.rows ?? 0;
  }
  return windows;
}

function rowsOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { rows }) => sum + rows, 0);
}
