import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";
import { hasCode } from "./files/durable-file.ts";

/** Names a process so that others, here or on another machine, can tell it from a later one with the same pid. */
export const processMark = z.object({ host: z.string(), pid: z.int(), born: z.string() });

export type ProcessMark = z.output<typeof processMark>;

/** A process that holds something, for messages. @param since - ISO 8601, UTC */
export function describeHolder({
  pid,
  host,
  since,
}: ProcessMark & { readonly since: string }): string {
  return `process ${pid} on ${host} since ${since}`;
}

/** The mark of a process on this machine. */
export async function markProcess(pid: number): Promise<ProcessMark> {
  return { host: hostname(), pid, born: await birthOf(pid) };
}

/** Whether a process on this machine lives; null for one on another machine, which cannot be told from here. */
export async function isProcessAlive({ host, pid, born }: ProcessMark): Promise<boolean | null> {
  if (host !== hostname()) return null;
  return born !== "" && (await birthOf(pid)) === born;
}

/** A value that differs between two processes with the same pid; empty when the process does not exist. */
export async function birthOf(pid: number): Promise<string> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!hasCode(error, "EPERM")) return "";
  }
  const status = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => "");
  const fields = status.slice(status.lastIndexOf(")")).split(" ");
  // A zombie counts as dead: it only waits to be reaped, which in a container may never happen.
  return fields[1] === "Z" ? "" : (fields[20] ?? "alive");
}
