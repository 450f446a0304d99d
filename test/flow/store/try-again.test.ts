import { expect, test } from "vitest";
import { storeWaits, tryAgain } from "../../../src/flow/store/try-again.ts";

const waits = [1, 1, 1];

test("gives up after the last pause, with the last failure", async () => {
  let tries = 0;
  const work = () => Promise.reject(new Error(`failure ${++tries}`));
  await expect(tryAgain({ waits, triesWorth: () => 9 }, work)).rejects.toThrow("failure 4");
});

test("gives up sooner for failures of which fewer are worth while", async () => {
  let tries = 0;
  const work = () => Promise.reject(new Error(`failure ${++tries}`));
  await expect(tryAgain({ waits, triesWorth: () => 1 }, work)).rejects.toThrow("failure 2");
});

test("counts from nothing again where work advances", async () => {
  let tries = 0;
  const work = (advance: () => void) => {
    if (++tries <= 10) advance();
    return tries < 12 ? Promise.reject(new Error("broken off")) : Promise.resolve("done");
  };
  expect(await tryAgain({ waits, triesWorth: () => 9 }, work)).toBe("done");
});

test("a store is tried for about three minutes", () => {
  expect(storeWaits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(170_000);
});
