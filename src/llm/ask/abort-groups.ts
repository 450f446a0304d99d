/** Waiters by abort signal. One listener per signal, however many wait, so joining and leaving take constant time. */
export interface AbortGroups {
  /** Calls back when one of the signals aborts, before returning if one already has. @returns Leaves the groups */
  readonly join: (
    signals: readonly AbortSignal[],
    onAbort: (reason: unknown) => void,
  ) => () => void;
  /** The promise's outcome, or the reason of a signal that aborts first. */
  readonly guard: <T>(signals: readonly AbortSignal[], promise: Promise<T>) => Promise<T>;
}

type OnAbort = (reason: unknown) => void;

/** Creates empty groups. */
export function createAbortGroups(): AbortGroups {
  const groups = new WeakMap<AbortSignal, Set<OnAbort>>();

  const groupOf = (signal: AbortSignal): Set<OnAbort> => {
    const known = groups.get(signal);
    if (known) return known;
    const group = new Set<OnAbort>();
    groups.set(signal, group);
    signal.addEventListener(
      "abort",
      () => {
        const waiting = [...group];
        group.clear();
        for (const onAbort of waiting) onAbort(signal.reason);
      },
      { once: true },
    );
    return group;
  };

  const join: AbortGroups["join"] = (signals, onAbort) => {
    const aborted = signals.find((signal) => signal.aborted);
    if (aborted) {
      onAbort(aborted.reason);
      return () => undefined;
    }
    for (const signal of signals) groupOf(signal).add(onAbort);
    return () => {
      for (const signal of signals) groups.get(signal)?.delete(onAbort);
    };
  };

  return {
    join,
    guard: (signals, promise) =>
      new Promise((resolve, reject) => {
        const leave = join(signals, reject);
        promise.then(
          (value) => {
            leave();
            resolve(value);
          },
          (thrown: unknown) => {
            leave();
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- rethrown unchanged
            reject(thrown);
          },
        );
      }),
  };
}
