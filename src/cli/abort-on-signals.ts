/** A signal that aborts on the first Ctrl-C or SIGTERM; the second ends the process. */
export interface SignalAbort {
  readonly signal: AbortSignal;
  /** Stops listening. */
  readonly release: () => void;
}

/** @param say - Tells the user what was understood */
export function abortOnSignals(say: (line: string) => void): SignalAbort {
  const abort = new AbortController();
  const stop = (): void => {
    if (abort.signal.aborted) process.exit(130);
    say("stopping: finished work is kept; press Ctrl-C again to stop at once");
    abort.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: abort.signal,
    release: () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}
