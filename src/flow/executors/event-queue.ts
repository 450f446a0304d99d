/** An unbounded queue that callbacks push to and one reader iterates over. */
export interface EventQueue<T> {
  readonly push: (event: T) => void;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
  readonly events: AsyncIterable<T>;
}

export function eventQueue<T>(): EventQueue<T> {
  const waiting: T[] = [];
  let state: { done: boolean; error?: unknown } = { done: false };
  let wake = (): void => undefined;

  const finish = (outcome: typeof state): void => {
    if (state.done) return;
    state = outcome;
    wake();
  };

  async function* events(): AsyncGenerator<T> {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if ("error" in state) throw state.error;
      else if (state.done) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  return {
    push: (event) => {
      waiting.push(event);
      wake();
    },
    end: () => {
      finish({ done: true });
    },
    fail: (error) => {
      finish({ done: true, error });
    },
    events: events(),
  };
}
