import { describe, expect, test } from "vitest";
import { createAbortGroups } from "../../../src/llm/ask/abort-groups.ts";

/** A signal that counts its listeners. */
function countedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const counted = { controller, signal, listeners: 0 };
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = (...rest: Parameters<typeof add>) => {
    counted.listeners += 1;
    add(...rest);
  };
  return counted;
}

describe("createAbortGroups", () => {
  test("tells everyone who has not left, with the reason, by one listener a signal", () => {
    const groups = createAbortGroups();
    const counted = countedSignal();
    const other = countedSignal();
    const told: string[] = [];
    const leaves = ["a", "b", "c"].map((name) =>
      groups.join([counted.signal, other.signal], (reason) =>
        told.push(`${name} ${String(reason)}`),
      ),
    );
    leaves[1]?.();
    counted.controller.abort("stop");
    expect(told).toEqual(["a stop", "c stop"]);
    expect([counted.listeners, other.listeners]).toEqual([1, 1]);
  });

  test("tells who joins after the abort at once", () => {
    const told: unknown[] = [];
    const leave = createAbortGroups().join([AbortSignal.abort("gone")], (reason) =>
      told.push(reason),
    );
    expect(told).toEqual(["gone"]);
    leave();
  });

  test("guards a promise until it is settled", async () => {
    const groups = createAbortGroups();
    const controller = new AbortController();
    const { signal } = controller;
    const never = groups.guard([signal], new Promise(() => undefined));
    expect(await groups.guard([signal], Promise.resolve(1))).toBe(1);
    await expect(groups.guard([signal], Promise.reject(new Error("no")))).rejects.toThrow("no");
    controller.abort(new Error("stop"));
    await expect(never).rejects.toThrow("stop");
    await expect(groups.guard([signal], Promise.resolve(1))).rejects.toThrow("stop");
  });
});
