import type { AbortGroups } from "./abort-groups.ts";
import type { Slot } from "./slot.ts";

/** A request that waits for permission to be sent. */
export interface Waiter {
  /** Estimated tokens of prompt and answer. */
  readonly tokens: number;
  /** Refusals of this request so far. */
  readonly refusals: number;
  /** Lets it go. */
  readonly send: (slot: Slot) => void;
}

/** Requests in the order in which they came. */
export interface WaitingLine {
  /** The next in line; null when nobody waits. Those that were aborted have left. */
  readonly first: () => Waiter | null;
  /** Takes the first out of the line. */
  readonly next: () => void;
  /** Joins the line. Resolves with the slot; rejects with the reason of a signal. */
  readonly wait: (
    who: Omit<Waiter, "send">,
    signals: readonly AbortSignal[],
    onLeave: () => void,
  ) => Promise<Slot>;
}

interface Place extends Waiter {
  isLeft: boolean;
  behind: Place | null;
}

/** An empty line. */
export function createWaitingLine(groups: AbortGroups): WaitingLine {
  let first: Place | null = null;
  let last: Place | null = null;

  const drop = (): void => {
    first = first?.behind ?? null;
    if (first === null) last = null;
  };

  return {
    first: () => {
      while (first?.isLeft === true) drop();
      return first;
    },
    next: drop,
    wait: async (who, signals, onLeave) => {
      const aborted = signals.find((signal) => signal.aborted);
      if (aborted) {
        onLeave();
        throw aborted.reason;
      }
      return new Promise((resolve, reject) => {
        const leave = groups.join(signals, (reason) => {
          place.isLeft = true;
          leave();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason is passed on unchanged
          reject(reason);
          onLeave();
        });
        const place: Place = {
          ...who,
          isLeft: false,
          behind: null,
          send: (slot) => {
            leave();
            resolve(slot);
          },
        };
        if (last === null) first = place;
        else last.behind = place;
        last = place;
      });
    },
  };
}
