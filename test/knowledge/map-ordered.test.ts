import { describe, expect, test } from "vitest";
import { mapOrdered } from "../../src/knowledge/map-ordered.ts";

async function* stream(numbers: readonly number[]): AsyncGenerator<number> {
  for (const number of numbers) yield await Promise.resolve(number);
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

function settleLater<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}

describe("mapOrdered", () => {
  test.each([1, 2, 5, 100])(
    "keeps order with %d in flight, and no more than that",
    async (most) => {
      let open = 0;
      let peak = 0;
      const results = collect(
        mapOrdered(stream([5, 4, 3, 2, 1, 0]), most, async (turns) => {
          open += 1;
          peak = Math.max(peak, open);
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          open -= 1;
          return turns;
        }),
      );
      expect(await results).toEqual([5, 4, 3, 2, 1, 0]);
      expect(peak).toBeLessThanOrEqual(most);
    },
  );

  test("reads no further ahead than it may keep open", async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<number> {
      for (;;) yield await Promise.resolve(read++);
    }
    const mapped = mapOrdered(endless(), 3, (input) => Promise.resolve(input));
    expect(await mapped.next()).toEqual({ value: 0, done: false });
    expect(read).toBeLessThanOrEqual(3);
    await mapped.return(undefined);
  });

  test("a failure arrives in its turn", async () => {
    const mapped = mapOrdered(stream([0, 1, 2]), 3, (input) =>
      input === 1 ? Promise.reject(new Error("one")) : Promise.resolve(input),
    );
    expect((await mapped.next()).value).toBe(0);
    await expect(mapped.next()).rejects.toThrow("one");
  });

  test("a slow one holds up nobody behind it, up to 4,096 results", async () => {
    const slow = settleLater<number>();
    let begun = 0;
    const numbers = stream(Array.from({ length: 6000 }, (_, number) => number));
    const mapped = mapOrdered(numbers, 2, (input) => {
      begun += 1;
      return input === 0 ? slow.promise : Promise.resolve(input);
    });
    const first = mapped.next();
    while (begun < 4096) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(begun).toBe(4096);
    slow.resolve(0);
    expect(await first).toEqual({ value: 0, done: false });
    expect(await collect(mapped)).toEqual(Array.from({ length: 5999 }, (_, place) => place + 1));
  });

  test("after a failure it begins nothing more, and ends when what is pending has", async () => {
    const pending = settleLater<number>();
    const begun: number[] = [];
    const mapped = mapOrdered(stream([0, 1, 2, 3, 4, 5]), 2, (input) => {
      begun.push(input);
      if (input === 0) return pending.promise;
      return input === 2 ? Promise.reject(new Error("two")) : Promise.resolve(input);
    });
    const results = collect(mapped);
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    expect(begun).toEqual([0, 1, 2]);
    pending.resolve(0);
    await expect(results).rejects.toThrow("two");
  });
});
