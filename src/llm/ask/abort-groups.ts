/** Whoever waits under abort signals. One listener a signal, however many wait: joining and leaving cost the same for all. */
export interface AbortGroups {
  /** Calls back when one of the signals aborts; at once, before returning, if one has. @returns leaves the groups */
  readonly join: (
    signals: readonly AbortSignal[],
    onAbort: (reason: unknown) => void,
  ) => () => void;
  /** The promise's outcome, or the reason of the first signal to abort before it. */
  readonly guard: <T>(signals: readonly AbortSignal[], promise: Promise<T>) => Promise<T>;
}

type OnAbort = (reason: unknown) => void;

/** Groups of those who wait, by signal. */
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
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
            reject(thrown);
          },
        );
      }),
  };
}
