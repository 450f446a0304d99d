import { describe, expect, test } from "vitest";
import { eventQueue } from "../../../src/flow/executors/event-queue.ts";

async function collect<T>(events: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const event of events) into.push(event);
  return into;
}

describe("eventQueue", () => {
  test("hands out what was pushed before reading, in order, and ends", async () => {
    const queue = eventQueue<number>();
    [1, 2, 3].forEach(queue.push);
    queue.end();
    expect(await collect(queue.events)).toEqual([1, 2, 3]);
  });

  test("wakes a waiting reader for each push and for the end", async () => {
    const queue = eventQueue<string>();
    const reading = collect(queue.events);
    for (const event of ["a", "b", "c"]) {
      await new Promise(setImmediate);
      queue.push(event);
    }
    await new Promise(setImmediate);
    queue.end();
    expect(await reading).toEqual(["a", "b", "c"]);
  });

  test("throws the failure after what came before it", async () => {
    const queue = eventQueue<number>();
    const seen: number[] = [];
    const reading = collect(queue.events, seen);
    queue.push(1);
    queue.fail(new Error("broken"));
    await expect(reading).rejects.toThrow("broken");
    expect(seen).toEqual([1]);
  });

  test("fails also with undefined as the reason, and the first outcome holds", async () => {
    const failed = eventQueue<number>();
    failed.fail(undefined);
    failed.end();
    await expect(collect(failed.events)).rejects.toBeUndefined();
    const ended = eventQueue<number>();
    ended.end();
    ended.fail(new Error("too late"));
    expect(await collect(ended.events)).toEqual([]);
  });
});
