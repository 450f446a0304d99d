import { describe, expect, test } from "vitest";
import { sharedThings } from "../../src/llm/shared-things.ts";

describe("sharedThings", () => {
  test("opens a thing once per key, and closes each once", async () => {
    const log: string[] = [];
    const thing = (name: string) => () => {
      log.push(`open ${name}`);
      return Promise.resolve({
        close: () => {
          log.push(`close ${name}`);
          return Promise.resolve();
        },
      });
    };
    const shared = sharedThings();
    const [first, again] = await Promise.all([
      shared.open("a", thing("a")),
      shared.open("a", thing("a")),
    ]);
    expect(again).toBe(first);
    await shared.open("b", thing("b"));
    await shared.close();
    expect(log).toEqual(["open a", "open b", "close a", "close b"]);
  });

  test("passes a failure to whoever asked, and closes without it", async () => {
    const shared = sharedThings();
    const failure = new Error("no memory");
    await expect(shared.open("a", () => Promise.reject(failure))).rejects.toBe(failure);
    await expect(shared.close()).resolves.toBeUndefined();
  });
});
