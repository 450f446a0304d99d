/**
 * Maps a stream with up to `inFlight` results pending, and yields them in the order of their inputs. It reads no further ahead, so a
 * slow consumer holds the source back. It ends or fails only when nothing is pending any more.
 */
export async function* mapOrdered<In, Out>(
  source: AsyncIterable<In>,
  inFlight: number,
  map: (input: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const underWay: Promise<Out>[] = [];
  try {
    for await (const input of source) {
      const result = map(input);
      // It is awaited later; until then a failure must not count as unhandled.
      result.catch(() => undefined);
      underWay.push(result);
      if (underWay.length < inFlight) continue;
      const first = underWay.shift();
      if (first !== undefined) yield await first;
    }
    for (const result of underWay) yield await result;
  } finally {
    await Promise.allSettled(underWay);
  }
}
