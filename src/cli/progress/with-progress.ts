import { progressView, type ProgressView } from "./progress-view.ts";
import { untilInterrupted } from "./until-interrupted.ts";

/** Runs work that shows its progress on stderr and that Ctrl-C stops: see {@link untilInterrupted}. */
export async function withProgress<T>(
  work: (view: ProgressView, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const view = progressView(process.stderr);
  try {
    return await untilInterrupted(view.say, (signal) => work(view, signal));
  } finally {
    view.close();
  }
}
