import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, readdir, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { lockHolder, lockRun } from "../../src/flow/run-lock.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { sha256 } from "../../src/base/sha256.ts";

interface Holder {
  readonly pid: number;
  readonly host?: string;
  readonly born?: string;
}

async function writeLock(
  runDir: string,
  { pid, host = hostname(), born = "1" }: Holder,
): Promise<void> {
  const since = "2026-01-02T03:04:05.678Z";
  await writeFile(join(runDir, "lock"), JSON.stringify({ pid, host, born, since }));
}

function deadPid(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

describe("lockRun", () => {
  test("refuses a second taker, naming process and machine of the first", async () => {
    const runDir = await scratchFolder();
    await lockRun(runDir);
    await expect(lockRun(runDir)).rejects.toMatchObject({
      code: "RUN_LOCKED",
      message: expect.stringMatching(
        `${runDir} is being written by process ${String(process.pid)} on ${hostname()} since 20`,
      ) as unknown,
    });
  });

  test("can be taken again once released, and leaves nothing behind", async () => {
    const runDir = join(await scratchFolder(), "not", "there", "yet");
    for (let round = 0; round < 3; round++) {
      const release = await lockRun(runDir);
      expect(await readdir(runDir)).toEqual(["lock"]);
      await release();
      expect(await readdir(runDir)).toEqual([]);
    }
  });

  test("takes over from a process that is gone", async () => {
    const runDir = await scratchFolder();
    await writeLock(runDir, { pid: deadPid() });
    expect(await lockHolder(runDir)).toBeNull();
    await lockRun(runDir);
    expect(await readFile(join(runDir, "lock"), "utf8")).toContain(`"pid":${String(process.pid)}`);
  });

  test.skipIf(!existsSync("/proc/self/stat"))(
    "takes over from an earlier process of the same number (needs /proc)",
    async () => {
      const runDir = await scratchFolder();
      await writeLock(runDir, { pid: process.pid, born: "before this one" });
      await lockRun(runDir);
    },
  );

  test.skipIf(!existsSync("/proc/self/stat"))(
    "takes over from a killed process that nobody has waited for (needs /proc)",
    async () => {
      const runDir = await scratchFolder();
      // The shell leaves a child to a program that never waits for it: a zombie as soon as it is killed.
      const parent = spawn("sh", ["-c", "sleep 1000 & echo $!; exec sleep 1000"]);
      onTestFinished(() => void parent.kill());
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(line.toString());
      const stat = async () =>
        (await readFile(`/proc/${String(pid)}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
      await writeLock(runDir, { pid, born: (await stat())[19] ?? "" });
      await expect(lockRun(runDir)).rejects.toMatchObject({ code: "RUN_LOCKED" });
      process.kill(pid, "SIGKILL");
      await expect.poll(async () => (await stat())[0], { timeout: 30_000 }).toBe("Z");
      await lockRun(runDir);
    },
  );

  test("refuses a lock of another machine, where nobody here can tell, and says what to do", async () => {
    const runDir = await scratchFolder();
    await writeLock(runDir, { pid: deadPid(), host: "far-away" });
    expect(await lockHolder(runDir)).toMatch(/^process \d+ on far-away since 2026-01-02T03:04/);
    await expect(lockRun(runDir)).rejects.toMatchObject({
      code: "RUN_LOCKED",
      message: expect.stringContaining(
        `on far-away since 2026-01-02T03:04:05.678Z. Wait for it, stop it, or use another --out. ` +
          `If you are sure that process is gone, delete ${join(runDir, "lock")}.`,
      ) as unknown,
    });
  });

  const elsewhere = {
    pid: 7,
    host: "container-of-before",
    born: "1",
    since: "2026",
    beatMs: 10_000,
  };

  test("takes over from another container that has given no sign of life for five minutes", async () => {
    const runDir = await scratchFolder();
    const path = join(runDir, "lock");
    await writeFile(path, JSON.stringify(elsewhere));
    const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
    await utimes(path, minutesAgo(4), minutesAgo(4));
    expect(await lockHolder(runDir)).toContain("container-of-before");
    await expect(lockRun(runDir)).rejects.toThrow(/no sign of life|counts as gone/);
    await utimes(path, minutesAgo(6), minutesAgo(6));
    expect(await lockHolder(runDir)).toBeNull();
    await (
      await lockRun(runDir)
    )();
    await writeLock(runDir, { pid: 7, host: "of a version without beats" });
    await utimes(path, minutesAgo(600), minutesAgo(600));
    await expect(lockRun(runDir)).rejects.toMatchObject({ code: "RUN_LOCKED" });
  });

  test.each(["", "{", '{"pid":1', "null", "[]", '{"pid":"1"}'])(
    "takes over a lock that a crash tore to %j",
    async (torn) => {
      const runDir = await scratchFolder();
      await writeFile(join(runDir, "lock"), torn);
      expect(await lockHolder(runDir)).toBeNull();
      await lockRun(runDir);
      expect(await lockHolder(runDir)).toContain(`process ${process.pid} `);
    },
  );

  test("leaves a lock alone that is whole a moment later", async () => {
    const runDir = await scratchFolder();
    await writeFile(join(runDir, "lock"), '{"pid":');
    const taken = lockRun(runDir);
    await writeLock(runDir, { pid: 7, host: "far-away" });
    await expect(taken).rejects.toMatchObject({ code: "RUN_LOCKED" });
  });

  test.each(["a free folder", "a stale lock", "a stale lock and a stale claim to it"])(
    "gives %s to exactly one of 20 that come at once",
    async (start) => {
      const runDir = await scratchFolder();
      const dead = { pid: deadPid(), host: hostname(), born: "1", since: "" };
      if (start !== "a free folder") await writeLock(runDir, dead);
      if (start.includes("claim")) {
        const lock = await readFile(join(runDir, "lock"), "utf8");
        const claim = `lock.claim-${sha256(lock).slice(0, 16)}`;
        await writeFile(join(runDir, claim), JSON.stringify(dead));
      }
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockRun(runDir)));
      const refused = outcomes.filter((outcome) => outcome.status === "rejected");
      expect(refused).toHaveLength(19);
      for (const { reason } of refused) expect(reason).toMatchObject({ code: "RUN_LOCKED" });
      expect(await readdir(runDir)).toEqual(["lock"]);
    },
  );
});

describe("lockHolder", () => {
  test("names the holder while there is one", async () => {
    const runDir = await scratchFolder();
    expect(await lockHolder(runDir)).toBeNull();
    const release = await lockRun(runDir);
    expect(await lockHolder(runDir)).toContain(`process ${String(process.pid)} on ${hostname()}`);
    await release();
    expect(await lockHolder(runDir)).toBeNull();
  });
});
