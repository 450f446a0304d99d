import { hostname } from "node:os";
import { z } from "zod";
import { birthOf } from "./process-birth.ts";

/** Names a process so that others, here or on another machine, can tell it from a later one with the same pid. */
export const processMark = z.object({ host: z.string(), pid: z.int(), born: z.string() });

export type ProcessMark = z.output<typeof processMark>;

/** The mark of a process on this machine. */
export async function markProcess(pid: number): Promise<ProcessMark> {
  return { host: hostname(), pid, born: await birthOf(pid) };
}

/** Whether a process on this machine lives; null for one on another machine, which cannot be told from here. */
export async function isProcessAlive({ host, pid, born }: ProcessMark): Promise<boolean | null> {
  if (host !== hostname()) return null;
  return born !== "" && (await birthOf(pid)) === born;
}
