/** @file Which rows are in memory together when not all of them fit, and in which order: plans, from numbers alone. */
import { createRandom, permutation } from "../../../base/random.ts";
import { shuffledRows, type EpochOrder } from "../sample-split.ts";
import type { Chunk } from "./chunks.ts";

/** Chunks that are in memory together. */
export interface Window {
  /** As they lie on disk. */
  readonly chunks: readonly Chunk[];
  readonly rows: number;
  /** Gives the window's rows in the order wanted; all in their own order when left out. */
  readonly order?: () => Uint32Array;
}

/** One window a chunk, nothing shuffled. */
export function windowsInOrder(chunks: readonly Chunk[]): readonly Window[] {
  return chunks.map((chunk) => ({ chunks: [chunk], rows: chunk.rows }));
}

/**
 * An epoch's windows: the chunks are dealt in random order to as few windows of nearly equal size as memory allows, then each window's
 * rows are shuffled. The windows that `skip` passes over are left out, so that nothing of them is read again.
 *
 * When one window holds all, its rows come in the order of rows that lie in memory.
 *
 * @param windowRows - Most rows of a window; more than a chunk has
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

/** Cuts the chunks, in the order visited, into windows of about equally many rows. */
function dealt(
  visited: Uint32Array,
  chunks: readonly Chunk[],
  windowRows: number,
): readonly (readonly number[])[] {
  const total = rowsOf(chunks);
  const largest = chunks.reduce((most, { rows }) => Math.max(most, rows), 0);
  // A window begins where a chunk begins: it may have up to a chunk more than its even share.
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
