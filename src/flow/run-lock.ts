import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { FlowError } from "../base/errors.ts";
import { hasCode, nullIfMissing, writeDurably } from "../base/files/durable-file.ts";
import { sha256 } from "../base/sha256.ts";
import { linkOrCopy } from "../base/files/new-name.ts";
import {
  describeHolder,
  isProcessAlive,
  markProcess,
  type ProcessMark,
} from "../base/process-mark.ts";

interface Holder extends ProcessMark {
  /** ISO 8601, UTC. */
  readonly since: string;
  /** The holder touches its lock this often, ms, so that other machines and containers see that it lives. */
  readonly beatMs?: number;
}

const beatMs = 10_000;
/** A holder elsewhere that has missed so many beats is gone, with its machine or container. */
const missedBeats = 30;
/** Where there are no hard links, a lock is torn while it is made; after this time, ms, it is what a crash left. */
const tornMs = 1_000;

/**
 * Locks the run folder for this process. The lock ends with the returned function or with the process.
 *
 * @throws `RUN_LOCKED` naming the holder when a live process, or one on another machine, holds it
 */
export async function lockRun(runDir: string): Promise<() => Promise<void>> {
  await mkdir(runDir, { recursive: true });
  const path = lockPath(runDir);
  const attempt = `${path}.${randomUUID()}`;
  const self: Holder = {
    ...(await markProcess(process.pid)),
    since: new Date().toISOString(),
    beatMs,
  };
  const text = JSON.stringify(self);
  await writeDurably(attempt, text);
  try {
    for (;;) {
      try {
        await linkOrCopy(attempt, path);
        return keepAlive(path, text);
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error;
      }
      await clearStaleLock(path, runDir, attempt);
    }
  } finally {
    await rm(attempt, { force: true });
  }
}

/** Describes the process that is writing the run folder; null when there is none. */
export async function lockHolder(runDir: string): Promise<string | null> {
  const holder = await readHolder(lockPath(runDir));
  if (holder === null || holder === "torn") return null;
  return (await isAlive(holder, await silenceMs(lockPath(runDir), Date.now())))
    ? describeHolder(holder)
    : null;
}

function lockPath(runDir: string): string {
  return join(runDir, "lock");
}

/**
 * Whether a holder may still be at work. One on another machine, or in another container, is asked by its beats; locks of old, without
 * beats, count as held.
 *
 * @param silentMs - Time since the lock was last touched
 */
async function isAlive(holder: Holder, silentMs: number): Promise<boolean> {
  const isAliveHere = await isProcessAlive(holder);
  if (isAliveHere !== null) return isAliveHere;
  return holder.beatMs === undefined || silentMs < holder.beatMs * missedBeats;
}

/** Time since a file was last written, ms, by the clock that `nowMs` comes from. */
async function silenceMs(path: string, nowMs: number): Promise<number> {
  const found = await stat(path).catch(nullIfMissing);
  return found === null ? 0 : nowMs - found.mtimeMs;
}

/** Touches a lock until the returned function releases it. Its content stays the same, so that no reader sees it torn. */
function keepAlive(path: string, text: string): () => Promise<void> {
  const touch = async (): Promise<void> => {
    const file = await open(path, "r+");
    try {
      if ((await file.readFile("utf8")) === text) await file.write(text, 0);
    } finally {
      await file.close();
    }
  };
  const timer = setInterval(() => void touch().catch(() => undefined), beatMs); // it may be deleted by hand
  timer.unref();
  return () => {
    clearInterval(timer);
    return rm(path, { force: true });
  };
}

/** The holder that a lock names; null without a lock. */
async function readHolder(path: string): Promise<Holder | "torn" | null> {
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) return null;
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    const isWhole = typeof holder?.pid === "number" && typeof holder.host === "string";
    return isWhole ? (holder as Holder) : "torn";
  } catch {
    return "torn";
  }
}

/**
 * Removes the lock of a dead process, under a claim that is named after it: only who holds the claim on a lock removes it, and a lock
 * that is gone never comes back. A claimant that died is succeeded under a claim named after both.
 *
 * @param own - This process's file, to be linked as the claim
 */
async function clearStaleLock(path: string, runDir: string, own: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) return;
  const { mtimeMs: nowMs } = await stat(own); // by the clock of the file system, which the beats have too
  if (await isHeld(path, runDir, nowMs)) return;
  const claims: string[] = [];
  for (let dead = text; ;) {
    const claim = `${path}.claim-${sha256(dead).slice(0, 16)}`;
    claims.push(claim);
    try {
      await linkOrCopy(own, claim);
      break;
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
    const claimant = await readFile(claim, "utf8").catch(nullIfMissing);
    if (claimant === null || (await isHeld(claim, runDir, nowMs))) return;
    dead += claimant;
  }
  const isSame = (await readFile(path, "utf8").catch(nullIfMissing)) === text;
  if (isSame) await rm(path, { force: true });
  for (const claim of claims) await rm(claim, { force: true });
}

/**
 * Whether a lock or claim has become another one or gone meanwhile; false when its holder is dead.
 *
 * @throws `RUN_LOCKED` when its holder lives
 */
async function isHeld(path: string, runDir: string, nowMs: number): Promise<boolean> {
  const holder = await readHolder(path);
  if (holder === null) return true;
  if (holder === "torn") {
    await delay(tornMs);
    return (await readHolder(path)) !== "torn";
  }
  if (await isAlive(holder, await silenceMs(path, nowMs))) throw locked(runDir, holder, path);
  return false;
}

function locked(runDir: string, holder: Holder, path: string): FlowError {
  return new FlowError(
    "RUN_LOCKED",
    `${runDir} is being written by ${describeHolder(holder)}. ` +
      `Wait for it, stop it, or use another --out. If you are sure that process is gone, delete ${path}.` +
      (holder.host === hostname() || holder.beatMs === undefined
        ? ""
        : " Without a sign of life from there for five minutes, it counts as gone."),
  );
}
