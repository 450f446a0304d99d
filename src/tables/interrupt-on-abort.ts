/** How often queries are interrupted, ms. */
const intervalMs = 50;

/**
 * Calls `interrupt` when a signal aborts, and repeats it until the returned function is called: DuckDB ignores an interrupt that
 * comes between two queries or while one is being prepared, and the next query would run to its end.
 */
export function interruptOnAbort(
  signal: AbortSignal | undefined,
  interrupt: () => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    interrupt();
    timer = setInterval(interrupt, intervalMs);
  };
  if (signal?.aborted === true) begin();
  else signal?.addEventListener("abort", begin, { once: true });
  return () => {
    signal?.removeEventListener("abort", begin);
    clearInterval(timer);
  };
}
