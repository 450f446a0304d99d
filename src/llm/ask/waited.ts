import type { AbortGroups } from "./abort-groups.ts";
import type { Clock } from "./clock.ts";

/**
 * Resolves after a while, or rejects with the reason of a signal that aborts first.
 *
 * @param delayMs - 0 or more
 */
export async function waited(
  delayMs: number,
  signals: readonly AbortSignal[],
  { clock, groups }: { readonly clock: Clock; readonly groups: AbortGroups },
): Promise<void> {
  for (const signal of signals) signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const leave = groups.join(signals, (reason) => {
      cancel();
      leave();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason is passed on unchanged
      reject(reason);
    });
    const cancel = clock.after(delayMs, () => {
      leave();
      resolve();
    });
  });
}
