import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { FlowError } from "../base/errors.ts";
import { hasCode, nullIfMissing, writeDurably } from "../base/durable-file.ts";
import { birthOf } from "../base/process-birth.ts";

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process where /proc exists: tells it from a later process with the same pid. */
  readonly born: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

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
    pid: process.pid,
    host: hostname(),
    born: await birthOf(process.pid),
    since: new Date().toISOString(),
  };
  await writeDurably(attempt, JSON.stringify(self));
  try {
    for (;;) {
      try {
        await link(attempt, path);
        return () => rm(path, { force: true });
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
  const text = await readFile(lockPath(runDir), "utf8").catch(nullIfMissing);
  if (text === null) return null;
  const holder = JSON.parse(text) as Holder;
  return (await isAlive(holder)) ? describe(holder) : null;
}

function lockPath(runDir: string): string {
  return join(runDir, "lock");
}

function describe({ pid, host, since }: Holder): string {
  return `process ${String(pid)} on ${host} since ${since}`;
}

/** A process on another machine counts as alive, since it cannot be checked from here. */
async function isAlive(holder: Holder): Promise<boolean> {
  return holder.host !== hostname() || (await birthOf(holder.pid)) === holder.born;
}

/**
 * Removes the lock of a dead process, under a claim: without one, two processes could both find the old lock stale, and the slower
 * one would remove the lock that the faster one has just taken.
 *
 * @param claim - This process's file, to be linked as the claim
 */
async function clearStaleLock(path: string, runDir: string, claim: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) return;
  const holder = JSON.parse(text) as Holder;
  if (await isAlive(holder)) throw locked(runDir, holder, path);
  const claimed = `${path}.claim`;
  try {
    await link(claim, claimed);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    const other = await readFile(claimed, "utf8").catch(nullIfMissing);
    if (other === null) return;
    const claimant = JSON.parse(other) as Holder;
    if (await isAlive(claimant)) throw locked(runDir, claimant, claimed);
    await rm(claimed, { force: true });
    return;
  }
  const isSame = (await readFile(path, "utf8").catch(nullIfMissing)) === text;
  if (isSame) await rm(path, { force: true });
  await rm(claimed, { force: true });
}

function locked(runDir: string, holder: Holder, path: string): FlowError {
  return new FlowError(
    "RUN_LOCKED",
    `${runDir} is being written by ${describe(holder)}. ` +
      `Wait for it, stop it, or use another --out. If you are sure that process is gone, delete ${path}.`,
  );
}
