import type { RowPiece } from "../sample-split.ts";
import type { SplitColumns } from "../split-columns.ts";
import type { Window } from "./windows.ts";

/** Fills the columns with a window's rows, from the first row on; rejects once the signal aborts. */
export type LoadWindow = (
  window: Window,
  columns: SplitColumns,
  signal: AbortSignal,
) => Promise<void>;

/**
 * The rows, window by window; the next window is read while one is in use.
 *
 * @param buffers - Two sets of columns, used in turn, each with room for the largest window
 */
export async function* readWindows(
  windows: readonly Window[],
  buffers: readonly [SplitColumns, SplitColumns],
  load: LoadWindow,
): AsyncGenerator<RowPiece, void> {
  const ended = new AbortController();
  const start = (place: number): Promise<SplitColumns> | undefined => {
    const window = windows[place];
    if (window === undefined) return undefined;
    const columns = { ...buffers[place % 2 === 0 ? 0 : 1], rows: window.rows };
    const loaded = load(window, columns, ended.signal).then(() => columns);
    loaded.catch(() => undefined); // reported when it is awaited, which may be much later
    return loaded;
  };
  let next = start(0);
  try {
    for (const [place, { order }] of windows.entries()) {
      const columns = await next;
      if (columns === undefined) return;
      next = start(place + 1);
      yield { columns, ...(order && { order: order() }) };
    }
  } finally {
    ended.abort();
    await next?.catch(() => undefined);
  }
}
