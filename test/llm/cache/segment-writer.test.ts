import { writeSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { openAnswerCache } from "../../../src/llm/cache/answer-cache.ts";
import { storedAnswer } from "../answer-fixture.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

const noRoom = (): Error =>
  Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

/** A disk with room for so many bytes; `room` may be raised later. Writes what fits, as real ones do. */
function smallDisk(room: number) {
  const disk = { room, refused: 0 };
  const write = (file: number, bytes: Uint8Array, position: number): number => {
    const fitting = Math.min(bytes.length, disk.room - position);
    if (fitting <= 0) {
      disk.refused += 1;
      throw noRoom();
    }
    return writeSync(file, bytes, 0, fitting, position);
  };
  return { disk, write };
}

const contentOf = async (dir: string): Promise<readonly string[]> => {
  const [name = ""] = await readdir(dir);
  return (await readFile(join(dir, name), "utf8")).split("\n").filter((line) => line !== "");
};

const answers = ["a", "b", "c"].map((name) => storedAnswer(name));
const now = (): number => 1_700_000_000_000;
const lines = answers.map((answer) => JSON.stringify({ ...answer, storedAtMs: now() }));

describe("on a full disk", () => {
  test("answers wait until there is room, those that arrive meanwhile too, and none is torn", async () => {
    const dir = await scratchFolder();
    const { disk, write } = smallDisk(lines[0]?.length ?? 0); // all but the line break
    const told: string[] = [];
    const onWait = (text: string): void => void told.push(text);
    const cache = await openAnswerCache({ dir, runId: "run", now, write, retryMs: 1, onWait });
    const [first, second, third] = answers;
    const kept = [first, second].map((answer) => answer && cache.put(answer));
    await vi.waitFor(() => {
      expect(disk.refused).toBeGreaterThan(2);
    });
    kept.push(third && cache.put(third));
    const isReady = vi.fn();
    const ready = cache.depart(0).then(isReady);
    await vi.waitFor(() => {
      expect(disk.refused).toBeGreaterThan(5);
    });
    expect(isReady).not.toHaveBeenCalled();
    disk.room = 1e6;
    await Promise.all([...kept, ready]);
    expect(told).toEqual([
      expect.stringMatching(
        /run-[0-9a-f]{16}\.jsonl: the disk is full: what has arrived waits up to 60 s for room.* Free some space there$/,
      ),
      expect.stringMatching(/\.jsonl: there is room again after \d+\.\d s/),
    ]);
    disk.room = 0;
    const again = cache.put(storedAnswer("d"));
    await vi.waitFor(() => {
      expect(told[2]).toMatch(/\.jsonl: the disk is full again \(2\): /);
    });
    disk.room = 1e6;
    await again;
    expect(told).toHaveLength(4);
    expect((await contentOf(dir)).slice(0, 3)).toEqual(lines);
    expect(await cache.get(answers[2]?.key ?? "")).toEqual(answers[2]);
    await cache.close();
  });

  test("after a while the error names the file, and no request may follow", async () => {
    const dir = await scratchFolder();
    const { write } = smallDisk(20);
    const full = { dir, runId: "run", now, write, retryMs: 1, patienceMs: 20 };
    const cache = await openAnswerCache(full);
    const told = {
      code: "OUTPUT_FAILED",
      message: expect.stringMatching(
        /run-[0-9a-f]{16}\.jsonl: the disk has no room for an answer \(ENOSPC.*\)\. Free some space there and run again: .*asked/,
      ) as unknown,
    };
    await expect(cache.put(storedAnswer("a"))).rejects.toMatchObject(told);
    await expect(cache.depart(0)).rejects.toMatchObject(told);
    await expect(cache.put(storedAnswer("b"))).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    await cache.close();
  });

  test("closing tries once more", async () => {
    const dir = await scratchFolder();
    const { disk, write } = smallDisk(0);
    const cache = await openAnswerCache({ dir, runId: "run", now, write });
    const [first = storedAnswer("a")] = answers;
    const kept = cache.put(first);
    await vi.waitFor(() => {
      expect(disk.refused).toBe(1);
    });
    disk.room = 1e6;
    await cache.close();
    await kept;
    expect(await contentOf(dir)).toEqual(lines.slice(0, 1));
  });

  test("another fault is told at once", async () => {
    const dir = await scratchFolder();
    const write = (): number => {
      throw Object.assign(new Error("EFBIG: file too large, write"), { code: "EFBIG" });
    };
    const cache = await openAnswerCache({ dir, runId: "run", now, write });
    await expect(cache.put(storedAnswer("a"))).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    await cache.close();
  });
});
