import type { Clock } from "../../src/llm/ask/clock.ts";

/** A clock that stands still until {@link FakeClock.settle} moves it from one callback to the next. */
export interface FakeClock extends Clock {
  /** Runs callbacks in order of time, each when nothing else can go on, until the promise is settled. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
  /** Moves on by so much, running the callbacks on the way. */
  readonly advance: (ms: number) => Promise<void>;
  /** Callbacks not yet run. */
  readonly waiting: () => number;
}

/** Starts at `startMs`. */
export function fakeClock(startMs = 0): FakeClock {
  let nowMs = startMs;
  let number = 0;
  const timers = new Map<number, { readonly atMs: number; readonly wake: () => void }>();

  const nextTimer = (): [number, { atMs: number; wake: () => void }] | undefined =>
    [...timers].sort(([a, one], [b, other]) => one.atMs - other.atMs || a - b)[0];

  const quiet = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  };

  const run = ([id, { atMs, wake }]: [number, { atMs: number; wake: () => void }]): void => {
    timers.delete(id);
    nowMs = Math.max(nowMs, atMs);
    wake();
  };

  return {
    now: () => nowMs,
    after: (delayMs, wake) => {
      const id = number++;
      timers.set(id, { atMs: nowMs + delayMs, wake });
      return () => {
        timers.delete(id);
      };
    },
    settle: async (promise) => {
      const state = { isSettled: false };
      const note = (): void => {
        state.isSettled = true;
      };
      promise.then(note, note);
      for (;;) {
        await quiet();
        if (state.isSettled) return promise;
        const next = nextTimer();
        if (next) run(next);
      }
    },
    advance: async (ms) => {
      const untilMs = nowMs + ms;
      await quiet();
      for (let next = nextTimer(); next && next[1].atMs <= untilMs; next = nextTimer()) {
        run(next);
        await quiet();
      }
      nowMs = untilMs;
    },
    waiting: () => timers.size,
  };
}
