import type { RowPiece } from "../sample-split.ts";
import type { SplitColumns } from "../split-columns.ts";
import type { Window } from "./windows.ts";

/** Fills the columns with a window's rows, from the first row on; stops with an error when the signal says so. */
export type LoadWindow = (
  window: Window,
  columns: SplitColumns,
  signal: AbortSignal,
) => Promise<void>;

/**
 * The windows' rows, window by window: while one is used the next is read.
 *
 * @param buffers - Two sets of columns, each of at least as many rows as the largest window; windows take turns in them
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
    loaded.catch(() => undefined); // reported when it is waited for, which may be much later
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
