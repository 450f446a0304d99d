import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { folderStore } from "../../../src/flow/store/folder-store.ts";
import { leaseHolder, takeLease } from "../../../src/flow/store/run-lease.ts";
import type { RunStore } from "../../../src/flow/store/run-store.ts";
import { eventually } from "../../util/eventually.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { keysOf } from "./contract.ts";

async function newStore(): Promise<RunStore> {
  return folderStore(await scratchFolder());
}

const quick = { beatMs: 20, silentMs: 300 };

/** A lease that a process on another machine has written. */
function elsewhere(beat: number): string {
  const since = "2026-01-01T00:00:00.000Z";
  return JSON.stringify({ host: "node7", pid: 42, born: "1", since, beat });
}

describe("takeLease", () => {
  test("refuses a second process while the first lives, and lets it in afterwards", async () => {
    const store = await newStore();
    const lease = await takeLease(store, quick);
    await expect(takeLease(store, quick)).rejects.toMatchObject({
      code: "RUN_LOCKED",
      message: expect.stringContaining(`is being written by process ${process.pid} on`) as unknown,
    });
    expect(await leaseHolder(store)).toContain(`process ${process.pid}`);
    await lease.release();
    expect(await leaseHolder(store)).toBeNull();
    expect(await keysOf(store, "")).toEqual([]);
    await (await takeLease(store, quick)).release();
  });

  test("takes over at once from a process of this machine that is dead", async () => {
    const store = await newStore();
    const dead = {
      ...JSON.parse(elsewhere(3)),
      host: (await import("node:os")).hostname(),
    } as object;
    await store.put("lock/0000000004.json", JSON.stringify(dead));
    const lease = await takeLease(store, { beatMs: 20, silentMs: 60_000 });
    expect(await keysOf(store, "lock/")).toEqual(["lock/0000000005.json"]);
    await lease.release();
  });

  test("takes over from another machine only once its process has been silent for long", async () => {
    const store = await newStore();
    await store.put("lock/0000000001.json", elsewhere(1));
    const notes: string[] = [];
    const onWait = (text: string): void => void notes.push(text);
    const lease = await takeLease(store, { ...quick, onWait });
    expect(notes).toEqual([expect.stringMatching(/last written by process 42 on node7 since/)]);
    await lease.release();

    await store.put("lock/0000000001.json", elsewhere(1));
    const refused = takeLease(store, quick).catch((error: unknown) => error);
    const ended = refused.then(() => "ended");
    for (let beat = 2; (await Promise.race([ended, delay(10)])) !== "ended"; beat++) {
      await store.put("lock/0000000001.json", elsewhere(beat));
    }
    expect(await refused).toMatchObject({ code: "RUN_LOCKED" });
  });

  test("gives signs of life, and tells the holder when another has taken over", async () => {
    const store = await newStore();
    const lease = await takeLease(store, quick);
    const [key = ""] = await keysOf(store, "lock/");
    const first = Buffer.from((await store.get(key)) ?? "").toString();
    await eventually(async () => {
      expect(Buffer.from((await store.get(key)) ?? "").toString()).not.toBe(first);
    });
    expect(lease.lost.aborted).toBe(false);
    await store.put("lock/0000000009.json", elsewhere(0));
    await eventually(() => {
      expect(lease.lost.aborted).toBe(true);
    });
    await lease.release();
    await delay(50);
    expect(await keysOf(store, "lock/")).toEqual(["lock/0000000009.json"]);
  });

  test("of many at once one wins", async () => {
    const store = await newStore();
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => takeLease(store, quick)),
    );
    const won = tries.filter(({ status }) => status === "fulfilled");
    expect(won).toHaveLength(1);
    for (const one of tries) if (one.status === "fulfilled") await one.value.release();
  });
});
