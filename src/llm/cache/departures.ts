/** Requests that are sent and not accounted for yet, with their highest cost. */
export interface UnderWay {
  readonly requests: number;
  /** US dollars. */
  readonly costUsd: number;
}

/** Keeps on disk how much a session has under way at most, so that `kill -9` loses no request from the run's spending. */
export interface Departures {
  /**
   * Resolves once the disk says that this request may be under way.
   *
   * @returns To be called once the request is accounted for on disk, or was not sent
   */
  readonly depart: (mostUsd: number) => Promise<() => void>;
  /** Notes what is still under way at the end of the session. */
  readonly close: () => Promise<void>;
}

/** Lower marks than this are not worth a note each. */
const fewRequests = 8;

/**
 * Notes a mark when more is under way than the latest says, and a lower one once nothing is, or half of it. What is noted is never less
 * than what is under way, and a steady number of requests under way needs no notes.
 *
 * @param note - Appends a mark; the latest counts
 */
export function createDepartures(note: (mark: UnderWay) => Promise<void>): Departures {
  let requests = 0;
  let costUsd = 0;
  let mark: UnderWay = { requests: 0, costUsd: 0 };
  let noted: Promise<void> = Promise.resolve();
  let isLowering = false;

  const write = (next: UnderWay): Promise<void> => {
    mark = next;
    noted = note(next);
    return noted;
  };

  const isFarBelow = (): boolean =>
    requests === 0 || (requests <= mark.requests / 2 && mark.requests > fewRequests);

  const arrive = (mostUsd: number): void => {
    requests -= 1;
    costUsd = requests === 0 ? 0 : costUsd - mostUsd;
    if (!isFarBelow() || isLowering) return;
    isLowering = true;
    // Later, as the next request may depart at once.
    setImmediate(() => {
      isLowering = false;
      // What is thrown here is thrown for the next request, too.
      if (isFarBelow()) write({ requests, costUsd }).catch(() => undefined);
    });
  };

  return {
    depart: async (mostUsd) => {
      requests += 1;
      costUsd += mostUsd;
      try {
        await (requests > mark.requests || costUsd > mark.costUsd
          ? write({
              requests: Math.max(requests, mark.requests),
              costUsd: Math.max(costUsd, mark.costUsd),
            })
          : noted);
      } catch (thrown) {
        arrive(mostUsd);
        throw thrown;
      }
      let isUnderWay = true;
      return () => {
        if (isUnderWay) arrive(mostUsd);
        isUnderWay = false;
      };
    },
    close: () => (mark.requests === 0 ? noted : write({ requests, costUsd })),
  };
}
