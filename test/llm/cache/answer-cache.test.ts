import { spawn } from "node:child_process";
import { appendFile, mkdir, readFile, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openAnswerCache } from "../../../src/llm/cache/answer-cache.ts";
import type { StoredAnswer } from "../../../src/llm/chat.ts";
import { eventually } from "../../util/eventually.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { seededRandom } from "../../util/seeded-random.ts";
import { storedAnswer } from "../answer-fixture.ts";

const keyOf = (name: string): string => storedAnswer(name).key;

async function segmentsIn(dir: string): Promise<string[]> {
  return (await readdir(dir)).sort().map((name) => join(dir, name));
}

/** A folder whose one segment holds these answers. */
async function written(
  ...answers: readonly StoredAnswer[]
): Promise<{ dir: string; path: string }> {
  const dir = await scratchFolder();
  const cache = await openAnswerCache({ dir, runId: "run" });
  for (const answer of answers) await cache.put(answer);
  await cache.close();
  return { dir, path: (await segmentsIn(dir))[0] ?? "" };
}

async function reopened<T>(
  dir: string,
  use: (cache: Awaited<ReturnType<typeof openAnswerCache>>) => Promise<T>,
  runId = "run",
): Promise<T> {
  const cache = await openAnswerCache({ dir, runId });
  try {
    return await use(cache);
  } finally {
    await cache.close();
  }
}

describe("openAnswerCache", () => {
  test("has put an answer into the file by the time put resolves", async () => {
    const dir = await scratchFolder();
    const cache = await openAnswerCache({ dir, runId: "run", now: () => 1234 });
    expect(await readdir(dir)).toEqual([]);
    await cache.put(storedAnswer("a"));
    const [path = ""] = await segmentsIn(dir);
    expect(path).toMatch(/run-[0-9a-f]{16}\.jsonl$/);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
      ...storedAnswer("a"),
      storedAtMs: 1234,
    });
    await cache.close();
  });

  test("gives answers on their way to the disk, on the disk, and of earlier sessions", async () => {
    const { dir } = await written(storedAnswer("early"));
    await reopened(dir, async (cache) => {
      const put = cache.put(storedAnswer("late"));
      expect(await cache.get(keyOf("late"))).toEqual(storedAnswer("late"));
      await put;
      expect(await cache.get(keyOf("late"))).toEqual(storedAnswer("late"));
      expect(await cache.get(keyOf("early"))).toEqual(storedAnswer("early"));
      expect(await cache.get(keyOf("never"))).toBeNull();
    });
  });

  test("takes a key that only begins as a stored one for another", async () => {
    const { dir } = await written(storedAnswer("a"));
    const near = `${keyOf("a").slice(0, 63)}${keyOf("a").endsWith("0") ? "1" : "0"}`;
    await reopened(dir, async (cache) => {
      expect(await cache.get(near)).toBeNull();
      await cache.put(storedAnswer("b", { key: near }));
      expect(await cache.get(near)).toEqual(storedAnswer("b", { key: near }));
      expect(await cache.get(keyOf("a"))).toEqual(storedAnswer("a"));
    });
  });

  test.each(["rejected", "filtered", "length", "empty"] as const)(
    "keeps the fault %s",
    async (status) => {
      const fault = storedAnswer("a", { answer: { status, reason: "so" }, costUsd: null });
      const { dir } = await written(fault);
      await reopened(dir, async (cache) => {
        expect(await cache.get(keyOf("a"))).toEqual(fault);
      });
    },
  );

  test("refuses to remember what may be answered yet", async () => {
    const dir = await scratchFolder();
    await reopened(dir, async (cache) => {
      const failed = storedAnswer("a", { answer: { status: "failed", reason: "so" } });
      await expect(cache.put(failed)).rejects.toThrow("internal");
    });
    expect(await readdir(dir)).toEqual([]);
  });

  test.each([1, 40, 150])(
    "ignores a last line torn after %d bytes and keeps those before it",
    async (bytes) => {
      const { dir, path } = await written(storedAnswer("a"), storedAnswer("b"));
      const whole = (await readFile(path, "utf8")).indexOf("\n") + 1;
      await truncate(path, whole + bytes);
      await reopened(dir, async (cache) => {
        expect(await cache.get(keyOf("a"))).toEqual(storedAnswer("a"));
        expect(await cache.get(keyOf("b"))).toBeNull();
        expect(cache.spent()).toEqual({ requests: 1, costUsd: 0.25 });
      });
    },
  );

  test("ignores an ended last line that is no answer", async () => {
    const { dir, path } = await written(storedAnswer("a"));
    await appendFile(path, "\0\0\0\n");
    await reopened(dir, async (cache) => {
      expect(await cache.get(keyOf("a"))).not.toBeNull();
    });
  });

  test.each(["", "{", '{"key":"x"}', "null"])(
    "names the file and line of %j in the middle",
    async (bad) => {
      const { dir, path } = await written(storedAnswer("a"), storedAnswer("b"));
      const [first, second] = (await readFile(path, "utf8")).split("\n");
      await writeFile(path, `${first}\n${bad}\n${second}\n`);
      await expect(openAnswerCache({ dir, runId: "run" })).rejects.toMatchObject({
        code: "RUN_INVALID",
        message: expect.stringContaining(`${path}: line 2 `) as string,
      });
    },
  );

  test("counts requests without an answer as spent, in later sessions too, and never as answers", async () => {
    const dir = await scratchFolder();
    await reopened(dir, async (cache) => {
      await cache.spend("m", 0.5);
      await cache.spend("m", 0);
      expect(cache.spent()).toEqual({ requests: 2, costUsd: 0.5 });
    });
    await reopened(dir, async (cache) => {
      expect(cache.spent()).toEqual({ requests: 2, costUsd: 0.5 });
      expect(cache.hasAnswers()).toBe(false);
      await cache.put(storedAnswer("a"));
      expect(cache.hasAnswers()).toBe(true);
    });
    await reopened(dir, (cache) => {
      expect(cache.hasAnswers()).toBe(true);
      return Promise.resolve();
    });
    const other = (cache: Awaited<ReturnType<typeof openAnswerCache>>): Promise<boolean> =>
      Promise.resolve(cache.hasAnswers());
    expect(await reopened(dir, other, "other")).toBe(false);
  });

  test("counts as spent what this run paid for in all its sessions, not what other runs did", async () => {
    const { dir } = await written(storedAnswer("a"), storedAnswer("b", { costUsd: null }));
    await reopened(dir, async (cache) => cache.put(storedAnswer("c", { costUsd: 4 })), "run-2");
    await reopened(dir, async (cache) => {
      await cache.put(storedAnswer("d", { costUsd: null }), 0.5);
      await cache.put(storedAnswer("e", { costUsd: 1 }), 8);
      expect(cache.spent()).toEqual({ requests: 4, costUsd: 1.75 });
      expect(await cache.get(keyOf("c"))).not.toBeNull();
      expect(await cache.get(keyOf("d"))).toEqual(storedAnswer("d", { costUsd: null }));
    });
    expect(await segmentsIn(dir)).toHaveLength(3);
    await reopened(dir, (cache) => {
      expect(cache.spent()).toEqual({ requests: 4, costUsd: 1.75 });
      return Promise.resolve();
    });
    await reopened(
      dir,
      (cache) => {
        expect(cache.spent()).toEqual({ requests: 1, costUsd: 4 });
        return Promise.resolve();
      },
      "run-2",
    );
  });

  describe("counts as spent what a session had under way", () => {
    const spentAfter = async (
      dir: string,
      runId?: string,
    ): Promise<{ requests: number; costUsd: number; lost: object }> =>
      reopened(dir, (cache) => Promise.resolve({ ...cache.spent(), lost: cache.lost() }), runId);
    const nothing = { requests: 0, costUsd: 0 };

    test("that was killed, at its highest cost, in every later session of this run", async () => {
      const dir = await scratchFolder();
      const killed = await openAnswerCache({ dir, runId: "run" });
      const account = await killed.depart(0.5);
      await killed.put(storedAnswer("a", { costUsd: 0.25 }));
      account();
      await Promise.all([killed.depart(0.5), killed.depart(1)]);
      const lost = { requests: 2, costUsd: 1.5 };
      expect(killed.spent()).toEqual({ requests: 1, costUsd: 0.25 });
      expect(await spentAfter(dir)).toEqual({ requests: 3, costUsd: 1.75, lost });
      expect(await spentAfter(dir)).toEqual({ requests: 3, costUsd: 1.75, lost });
      expect(await spentAfter(dir, "another")).toEqual({ ...nothing, lost: nothing });
      await killed.close();
    });

    test("but nothing of one that accounted for all, closed or not", async () => {
      const dir = await scratchFolder();
      const idle = await openAnswerCache({ dir, runId: "run" });
      for (const name of ["a", "b", "c"]) {
        const account = await idle.depart(1);
        await idle.put(storedAnswer(name, { costUsd: 0.25 }));
        account();
      }
      await eventually(async () => {
        expect(await spentAfter(dir)).toEqual({ requests: 3, costUsd: 0.75, lost: nothing });
      });
      await idle.close();
      expect(await spentAfter(dir)).toEqual({ requests: 3, costUsd: 0.75, lost: nothing });
    });

    test("and is no answer", async () => {
      const dir = await scratchFolder();
      const killed = await openAnswerCache({ dir, runId: "run" });
      await killed.depart(1);
      expect(await reopened(dir, (cache) => Promise.resolve(cache.hasAnswers()))).toBe(false);
      await killed.close();
    });
  });

  describe("asks again what earlier runs were not told:", () => {
    const unanswered = (status: "length" | "filtered"): StoredAnswer =>
      storedAnswer("a", { answer: { status, reason: "none" } });
    /** A cache of the run that started at this time, over answers stored at another. */
    const opened = async (
      dir: string,
      kinds: readonly ("length" | "unreadable")[],
      { startedAtMs = 100, nowMs = 100 } = {},
    ) =>
      openAnswerCache({
        ...{ dir, runId: "run", now: () => nowMs },
        retry: { kinds, beforeMs: startedAtMs },
      });
    const holding = async (...answers: readonly StoredAnswer[]): Promise<string> => {
      const dir = await scratchFolder();
      const cache = await opened(dir, [], { nowMs: 50 });
      for (const answer of answers) await cache.put(answer);
      await cache.close();
      return dir;
    };

    test("a fault of a kind that is wanted, once", async () => {
      const dir = await holding(unanswered("length"));
      const cache = await opened(dir, ["length"]);
      expect(await cache.get(keyOf("a"))).toBeNull();
      await cache.put(unanswered("length"));
      expect(await cache.get(keyOf("a"))).toEqual(unanswered("length"));
      await cache.close();
      const next = await opened(dir, ["length"], { startedAtMs: 200, nowMs: 200 });
      expect(await next.get(keyOf("a"))).toBeNull();
      await next.close();
    });

    test("but no fault of another kind, and no answer", async () => {
      const dir = await holding(unanswered("filtered"), storedAnswer("b"));
      const cache = await opened(dir, ["length"]);
      expect(await cache.get(keyOf("a"))).toEqual(unanswered("filtered"));
      expect(await cache.get(keyOf("b"))).toEqual(storedAnswer("b"));
      await cache.close();
    });

    test("an answer counts before faults of any time, in every later session", async () => {
      const dir = await holding(unanswered("length"), storedAnswer("a"), unanswered("filtered"));
      for (const kinds of [[], ["length"]] as const) {
        const cache = await opened(dir, kinds);
        expect(await cache.get(keyOf("a"))).toEqual(storedAnswer("a"));
        expect(cache.spent().requests).toBe(3);
        await cache.close();
      }
    });

    test("an answer that is forgotten, which costs nothing and stands until the next is put", async () => {
      const dir = await holding(storedAnswer("a", { costUsd: 2 }));
      const cache = await opened(dir, ["unreadable"]);
      await cache.forget(keyOf("a"));
      expect(await cache.get(keyOf("a"))).toBeNull();
      expect(cache.spent()).toEqual({ requests: 1, costUsd: 2 });
      await cache.close();
      const later = await opened(dir, [], { startedAtMs: 200, nowMs: 200 });
      expect(await later.get(keyOf("a"))).toBeNull();
      expect(later.spent()).toEqual({ requests: 1, costUsd: 2 });
      const better = storedAnswer("a", { answer: { status: "ok", text: "better" } });
      await later.put(better);
      await later.forget(keyOf("a"));
      expect(await later.get(keyOf("a"))).toEqual(better);
      await later.close();
    });

    test("answers of this run, and those where unreadable ones are kept, are not forgotten", async () => {
      const dir = await holding(storedAnswer("a"));
      const keeping = await opened(dir, ["length"]);
      await keeping.forget(keyOf("a"));
      expect(await keeping.get(keyOf("a"))).toEqual(storedAnswer("a"));
      await keeping.close();
      const own = await opened(dir, ["unreadable"]);
      await own.put(storedAnswer("b"));
      await own.forget(keyOf("b"));
      await own.forget(keyOf("never asked"));
      expect(await own.get(keyOf("b"))).toEqual(storedAnswer("b"));
      await own.close();
    });
  });

  test("lets two sessions write to one folder at the same time", async () => {
    const dir = await scratchFolder();
    const one = await openAnswerCache({ dir, runId: "run" });
    const other = await openAnswerCache({ dir, runId: "other" });
    await Promise.all([
      ...Array.from({ length: 50 }, (_, n) => one.put(storedAnswer(`one ${n}`))),
      ...Array.from({ length: 50 }, (_, n) => other.put(storedAnswer(`other ${n}`))),
    ]);
    await one.close();
    await other.close();
    await reopened(dir, async (cache) => {
      for (const name of ["one 0", "one 49", "other 0", "other 49"]) {
        expect(await cache.get(keyOf(name))).toEqual(storedAnswer(name));
      }
    });
  });

  test("says so when a segment is cut short while in use", async () => {
    const { dir, path } = await written(storedAnswer("a"));
    await reopened(dir, async (cache) => {
      await truncate(path, 10);
      await expect(cache.get(keyOf("a"))).rejects.toMatchObject({ code: "RUN_INVALID" });
    });
  });

  test("fails a put whose write fails, and all after it", async () => {
    const dir = await scratchFolder();
    const cache = await openAnswerCache({ dir, runId: "run" });
    await rm(dir, { recursive: true });
    await expect(cache.put(storedAnswer("a"))).rejects.toThrow("ENOENT");
    await mkdir(dir);
    await expect(cache.put(storedAnswer("b"))).rejects.toThrow("ENOENT");
    expect(cache.spent()).toEqual({ requests: 0, costUsd: 0 });
    await cache.close();
    expect(await readdir(dir)).toEqual([]);
  });

  test.each([1, 2, 3])("agrees with a Map over many sessions (seed %d)", async (seed) => {
    const random = seededRandom(seed);
    const dir = await scratchFolder();
    const model = new Map<string, StoredAnswer>();
    let cache = await openAnswerCache({ dir, runId: "run" });
    let puts: Promise<void>[] = [];
    for (let step = 0; step < 600; step += 1) {
      const name = `${random(400)}`;
      const known = model.get(name);
      expect(await cache.get(keyOf(name))).toEqual(known ?? null);
      if (!known) {
        const text = "tête-à-tête\n🎬".repeat(random(40));
        const answer = storedAnswer(name, { answer: { status: "ok", text }, costUsd: random(9) });
        model.set(name, answer);
        puts.push(cache.put(answer));
      }
      if (random(100) === 0) {
        await Promise.all(puts);
        puts = [];
        await cache.close();
        cache = await openAnswerCache({ dir, runId: "run" });
      }
    }
    await Promise.all(puts);
    let costUsd = 0;
    for (const answer of model.values()) costUsd += answer.costUsd ?? 0;
    expect(cache.spent()).toEqual({ requests: model.size, costUsd });
    await cache.close();
  });

  test("has kept every answer that put returned from, however often it was killed", async () => {
    const dir = await scratchFolder();
    const script = fileURLToPath(new URL("../put-forever.fixture.ts", import.meta.url));
    const said = new Set<string>();
    for (let life = 0; life < 3; life += 1) {
      const child = spawn(process.execPath, ["--import", "tsx", script, dir, String(life * 1e6)]);
      let output = "";
      const enough = 300 * (life + 1);
      await new Promise((resolve) => {
        child.on("close", resolve);
        child.stdout.on("data", (data: Buffer) => {
          output += data.toString();
          if (output.length > enough * 8) child.kill("SIGKILL");
        });
      });
      for (const name of output.split("\n").slice(0, -1)) said.add(name);
    }
    expect(said.size).toBeGreaterThan(600);
    await reopened(
      dir,
      async (cache) => {
        for (const name of said) expect((await cache.get(keyOf(name)))?.key).toBe(keyOf(name));
        expect(cache.spent().requests).toBeGreaterThanOrEqual(said.size);
      },
      "killed",
    );
  });
});
