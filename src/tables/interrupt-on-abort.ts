/** How often queries are told to stop, ms. */
const intervalMs = 50;

/**
 * Calls `interrupt` when a signal aborts, and again until the returned function is called: DuckDB forgets an interruption that comes
 * between two queries or while one is being prepared, and the next one would run to its end.
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
