import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { FlowError } from "../base/errors.ts";
import { hasCode, nullIfMissing, writeDurably } from "../base/durable-file.ts";

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Kernel's start time of the process where there is /proc: tells a process from a later one of the same number. */
  readonly born: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/**
 * Takes the run folder for this process. Released by the returned function, or by the process's death.
 *
 * @throws `RUN_LOCKED` naming the holder when a live process (or another machine's) has it
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

/** Who is writing the run folder now, in words; null when nobody is. */
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

/** A process of another machine counts as alive: nobody here can tell. */
async function isAlive(holder: Holder): Promise<boolean> {
  return holder.host !== hostname() || (await birthOf(holder.pid)) === holder.born;
}

/**
 * Removes the lock of a dead process. Whoever removes it holds a claim meanwhile: without one, a process that found the old lock
 * stale a moment ago would remove the next holder's.
 *
 * @param claim - File of this process, to be linked as the claim
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
      `Wait for it, stop it, or use another --out. If that process is gone for certain, delete ${path}.`,
  );
}

/** Something that differs between two processes of one number; empty when the process does not exist. */
async function birthOf(pid: number): Promise<string> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!hasCode(error, "EPERM")) return "";
  }
  const status = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => "");
  const fields = status.slice(status.lastIndexOf(")")).split(" ");
  // A zombie is dead already: it only waits for its parent to notice, which in a container may be never.
  return fields[1] === "Z" ? "" : (fields[20] ?? "alive");
}
