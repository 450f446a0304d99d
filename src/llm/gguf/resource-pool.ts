/** Things of which each serves one caller at a time. */
export interface ResourcePool<R> {
  /**
   * Runs `work` with the free thing that scores highest, or else with the first that becomes free; first come, first served. An abort
   * does not wait for `work`, which keeps the thing until it is done.
   *
   * @throws the signal's reason when it is aborted; what `work` throws
   */
  readonly use: <T>(
    score: (resource: R) => number,
    signal: AbortSignal,
    work: (resource: R) => Promise<T>,
  ) => Promise<T>;
}

export function openPool<R>(resources: readonly R[]): ResourcePool<R> {
  const free = new Set(resources);
  const waiting = new Set<(resource: R) => void>();

  const best = (score: (resource: R) => number): R | undefined =>
    [...free].map((resource) => ({ resource, score: score(resource) })).sort(descending)[0]
      ?.resource;

  const wait = (signal: AbortSignal): Promise<R> =>
    new Promise((resolve, reject) => {
      const settle = (resource: R): void => {
        signal.removeEventListener("abort", leave);
        resolve(resource);
      };
      const leave = (): void => {
        waiting.delete(settle);
        reject(reasonFrom(signal));
      };
      waiting.add(settle);
      signal.addEventListener("abort", leave, { once: true });
    });

  const release = (resource: R): void => {
    const [next] = waiting;
    if (next === undefined) free.add(resource);
    else {
      waiting.delete(next);
      next(resource);
    }
  };

  return {
    use: async (score, signal, work) => {
      signal.throwIfAborted();
      const chosen = best(score);
      if (chosen !== undefined) free.delete(chosen);
      const resource = chosen ?? (await wait(signal));
      const done = work(resource).finally(() => {
        release(resource);
      });
      return orAborted(done, signal);
    },
  };
}

function descending(a: { readonly score: number }, b: { readonly score: number }): number {
  return b.score - a.score;
}

/** The promise's outcome, or the reason of the signal if it aborts first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      reject(reasonFrom(signal));
    };
    signal.addEventListener("abort", leave, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", leave);
    });
  });
}

function reasonFrom(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}
