import { FlowError } from "../../base/errors.ts";

/** SIGHUP: the terminal was closed. */
const stopping = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs work that the first Ctrl-C, SIGTERM or SIGHUP aborts. The second one ends the process at once, by that signal:
 * `process.exit` would wait for native threads.
 *
 * @param say - Prints a line for the user
 * @throws `INTERRUPTED` in place of whatever the work throws after the abort
 */
export async function untilInterrupted<T>(
  say: (line: string) => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (abort.signal.aborted) {
      release();
      process.kill(process.pid, name);
      return;
    }
    say("stopping: finished work is kept; press Ctrl-C again to stop at once");
    abort.abort();
  };
  const release = (): void => {
    for (const name of stopping) process.off(name, stop);
  };
  for (const name of stopping) process.on(name, stop);
  try {
    return await work(abort.signal);
  } catch (error) {
    if (!abort.signal.aborted || isInterruption(error)) throw error;
    throw new FlowError("INTERRUPTED", "interrupted", { cause: error });
  } finally {
    release();
  }
}

function isInterruption(error: unknown): boolean {
  return error instanceof FlowError && error.code === "INTERRUPTED";
}
