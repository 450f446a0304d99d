import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { WrittenFile } from "../../src/flow/task.ts";
import { waitForAll } from "../../src/base/wait-for-all.ts";

const file = (table: string): WrittenFile => ({ table, path: `/${table}.parquet`, rows: 1 });

test("files come in the order of their writes, not in that of their ends", async () => {
  const slow = setImmediate(file("a"));
  expect(await waitForAll([slow, Promise.resolve(file("b"))])).toEqual([file("a"), file("b")]);
});

test("a failure is thrown only when no other write is under way", async () => {
  const failure = new Error("disk full");
  let endSlow: (written: WrittenFile) => void = () => undefined;
  const slow = new Promise<WrittenFile>((resolve) => (endSlow = resolve));
  let hasEnded = false;
  const all = waitForAll([Promise.reject(failure), slow]).finally(() => (hasEnded = true));
  await setImmediate();
  expect(hasEnded).toBe(false);
  endSlow(file("a"));
  await expect(all).rejects.toBe(failure);
});
