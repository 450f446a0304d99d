import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { nullIfMissing } from "../../../base/files/durable-file.ts";
import { replaceFileIn } from "../../../base/files/folder-in.ts";
import { jsonOrNull } from "../../../base/json.ts";
import { isProcessAlive, markProcess, processMark } from "../../../base/process-mark.ts";
import { jobCommand } from "./job-command.ts";
import type { Job, JobEngine } from "./job-engine.ts";
import { jobLog, jobsFolder } from "./job-state.ts";

export interface CommandEngineOptions {
  readonly runDir: string;
  /** The run as a job is told of it: its folder, or its place in a store. */
  readonly run: string;
  /** A shell command, in which `{task}` stands for the job's command line and `{index}` for its tasks. */
  readonly command: string;
  /** Most commands at a time. */
  readonly atOnce: number;
  /** What starts r4ec where the command goes. */
  readonly program: string;
}

/** How long commands may take to end when they are told to, ms. */
const graceMs = 15_000;

const handleParts = z.object({ id: z.string(), stage: z.string() });

/**
 * Runs a shell command per job, some at a time, each in a process group of its own. What the commands do is theirs: start a container,
 * go to another machine, or call a scheduler and wait. A driver that is started again on this machine finds those still at work.
 */
export function commandEngine(options: CommandEngineOptions): JobEngine {
  const { runDir, run, command, atOnce, program } = options;
  const waiting: Job[] = [];
  const atWork = new Map<string, ChildProcess>();

  const begin = async (job: Job): Promise<void> => {
    await mkdir(jobsFolder(runDir, job.stage), { recursive: true });
    const log = await open(jobLog(runDir, job.stage, job.id), "a");
    try {
      const filled = command
        .replaceAll("{task}", () => jobCommand(program, run, job))
        .replaceAll("{index}", () => job.indices);
      const child = spawn(filled, {
        ...{ shell: true, detached: true, stdio: ["ignore", log.fd, log.fd] },
      });
      atWork.set(job.id, child);
      const leave = (): void => {
        atWork.delete(job.id);
        beginNext();
      };
      child.once("error", leave);
      child.once("exit", leave);
      const { pid } = child;
      if (pid !== undefined) {
        const mark = JSON.stringify(await markProcess(pid));
        await replaceFileIn(runDir, processPath(runDir, job), mark);
      }
    } finally {
      await log.close();
    }
  };
  const beginNext = (): void => {
    const job = atWork.size < atOnce ? waiting.shift() : undefined;
    if (job !== undefined) void begin(job).then(beginNext, () => undefined); // it is not alive then, and fails
  };
  /** The process group of a job that is at work on this machine, of this driver or an earlier one. */
  const groupOf = async (handle: string): Promise<number | null> => {
    const parts = handleParts.safeParse(jsonOrNull(handle));
    if (!parts.success) return null;
    const own = atWork.get(parts.data.id)?.pid;
    if (own !== undefined) return own;
    const text = await readFile(processPath(runDir, parts.data), "utf8").catch(nullIfMissing);
    const found = processMark.safeParse(jsonOrNull(text ?? ""));
    return found.success && (await isProcessAlive(found.data)) === true ? found.data.pid : null;
  };
  const isWaiting = (handle: string): boolean =>
    waiting.some(({ id }) => id === handleParts.safeParse(jsonOrNull(handle)).data?.id);

  return {
    submit: async (jobs) => {
      const submitted = [];
      for (const job of jobs) {
        if (atWork.size < atOnce) await begin(job);
        else waiting.push(job);
        const handle = JSON.stringify({ id: job.id, stage: job.stage });
        submitted.push({ id: job.id, handle });
      }
      return submitted;
    },
    alive: async (handles) => {
      const alive = new Set<string>();
      for (const handle of handles) {
        if (isWaiting(handle) || (await groupOf(handle)) !== null) alive.add(handle);
      }
      return alive;
    },
    cancel: async (handles) => {
      const ids = handles.map((handle) => handleParts.safeParse(jsonOrNull(handle)).data?.id);
      waiting.splice(0, waiting.length, ...waiting.filter(({ id }) => !ids.includes(id)));
      const groups = await Promise.all(handles.map(groupOf));
      await endGroups(groups.filter((group) => group !== null));
    },
  };
}

/** Where the process of a job is noted when it begins. */
function processPath(runDir: string, { id, stage }: Pick<Job, "id" | "stage">): string {
  return join(jobsFolder(runDir, stage), `${id}.process.json`);
}

/** Asks process groups to end, and kills what has not ended after a while. */
async function endGroups(groups: readonly number[]): Promise<void> {
  const signal = (group: number, name: "SIGTERM" | "SIGKILL" | 0): boolean => {
    try {
      process.kill(-group, name);
      return true;
    } catch {
      return false; // it has ended
    }
  };
  let left = groups.filter((group) => signal(group, "SIGTERM"));
  for (let waitedMs = 0; left.length > 0 && waitedMs < graceMs; waitedMs += 100) {
    await delay(100);
    left = left.filter((group) => signal(group, 0));
  }
  for (const group of left) signal(group, "SIGKILL");
}
