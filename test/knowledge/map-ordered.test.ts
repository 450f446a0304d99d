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
    expect(read).toBe(3);
    await mapped.return(undefined);
  });

  test("a failure arrives in its turn", async () => {
    const mapped = mapOrdered(stream([0, 1, 2]), 3, (input) =>
      input === 1 ? Promise.reject(new Error("one")) : Promise.resolve(input),
    );
    expect((await mapped.next()).value).toBe(0);
    await expect(mapped.next()).rejects.toThrow("one");
  });
});
