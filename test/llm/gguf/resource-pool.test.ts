import { describe, expect, test } from "vitest";
import { openPool } from "../../../src/llm/gguf/resource-pool.ts";

const { signal } = new AbortController();

/** A promise to be settled from outside. */
function deferred<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
} {
  let settle: [(value: T) => void, (error: Error) => void] | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = [resolve, reject];
  });
  return { promise, resolve: (value) => settle?.[0](value), reject: (error) => settle?.[1](error) };
}

describe("openPool", () => {
  test("gives the free resource that scores highest", async () => {
    const pool = openPool([1, 5, 3]);
    const all = deferred<string>();
    const given: number[] = [];
    const used = ["a", "b", "c"].map((name) =>
      pool.use(
        (resource) => resource,
        signal,
        async (resource) => {
          given.push(resource);
          return `${name} ${await all.promise}`;
        },
      ),
    );
    expect(given).toEqual([5, 3, 1]);
    all.resolve("done");
    expect(await Promise.all(used)).toEqual(["a done", "b done", "c done"]);
  });

  test("lets the others wait in line, past failures and those who leave", async () => {
    const pool = openPool(["only"]);
    const order: string[] = [];
    const score = (): number => 0;
    const leaving = new AbortController();
    const first = deferred<never>();
    const say = (name: string): Promise<void> =>
      pool.use(score, signal, () => Promise.resolve(void order.push(name)));
    const failing = pool.use(score, signal, () => first.promise);
    const left = pool.use(score, leaving.signal, () => Promise.resolve(order.push("left")));
    const [second, third] = [say("second"), say("third")];
    leaving.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    first.reject(new Error("broken"));
    await expect(failing).rejects.toThrow("broken");
    await Promise.all([second, third]);
    expect(order).toEqual(["second", "third"]);
  });

  test("an abort waits for no work, but nobody else gets the resource before it is done", async () => {
    const pool = openPool(["only"]);
    const score = (): number => 0;
    const stopping = new AbortController();
    const slow = deferred<string>();
    const order: string[] = [];
    const stopped = pool.use(score, stopping.signal, () => slow.promise);
    const next = pool.use(score, signal, () => Promise.resolve(void order.push("next")));
    stopping.abort(new Error("stopped"));
    await expect(stopped).rejects.toThrow("stopped");
    order.push("stopped");
    slow.resolve("too late");
    await next;
    expect(order).toEqual(["stopped", "next"]);
  });
});
