/** Most results that wait for an earlier one. */
const mostHeld = 4096;

/**
 * Maps a stream with up to `inFlight` results pending, and yields them in the order of their inputs. A slow one does not hold up those
 * behind it: up to 4,096 results, or twice `inFlight`, wait for it. It reads no further ahead, so a slow consumer holds the source back,
 * and nothing new is begun after a failure. It ends or fails only when nothing is pending any more.
 */
export async function* mapOrdered<In, Out>(
  source: AsyncIterable<In>,
  inFlight: number,
  map: (input: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const most = Math.max(mostHeld, 2 * inFlight);
  const begun: Begun<Out>[] = [];
  const inputs = source[Symbol.asyncIterator]();
  let pending = 0;
  let isOver = false;
  const state = { hasFailed: false };
  let wake = (): void => undefined;

  const begin = (input: In): void => {
    const one: Begun<Out> = { result: map(input), isDone: false };
    const done = (): void => {
      one.isDone = true;
      pending -= 1;
      wake();
    };
    pending += 1;
    one.result.then(done, () => {
      state.hasFailed = true;
      done();
    });
    begun.push(one);
  };

  try {
    for (;;) {
      for (let first = begun[0]; first?.isDone === true; first = begun[0]) {
        begun.shift();
        yield await first.result;
      }
      if (!isOver && !state.hasFailed && pending < inFlight && begun.length < most) {
        const next = await inputs.next();
        if (next.done === true) isOver = true;
        else begin(next.value);
      } else if (begun.length === 0) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (begun[0]?.isDone === true) resolve();
        });
      }
    }
  } finally {
    if (!isOver) await inputs.return?.();
    await Promise.allSettled(begun.map(({ result }) => result));
  }
}

interface Begun<Out> {
  readonly result: Promise<Out>;
  isDone: boolean;
}
