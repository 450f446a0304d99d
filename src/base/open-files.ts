import { readFileSync } from "node:fs";
import { FlowError } from "./errors.ts";

/** Files that Node and one worker have open while they load modules, which is when they have most. */
const leastFiles = 256;
/** Files of each further worker. */
const filesPerWorker = 128;

/** How many files this process may have open; Infinity where the system does not say. Node raises the soft limit to the hard one. */
export function openFileLimit(read: () => string = readLimits): number {
  const [, most] = /^Max open files\s+(\S+)/m.exec(read()) ?? [];
  return most === undefined || most === "unlimited" ? Number.POSITIVE_INFINITY : Number(most);
}

/**
 * Refuses to start where too few files may be open: native parts end the process when they can open no more.
 *
 * @throws `OUTPUT_FAILED` with the command that raises the limit
 */
export function requireOpenFiles(limit = openFileLimit()): void {
  if (limit >= leastFiles) return;
  throw new FlowError(
    "OUTPUT_FAILED",
    `only ${limit} files may be open at a time here, and at least ${leastFiles} are needed: raise the limit with ` +
      "ulimit -n 1024 in the shell that starts r4ec, or where the container or service is set up",
  );
}

/** How many workers may run, as far as open files are concerned; at least one. */
export function mostWorkers(limit = openFileLimit()): number {
  return 1 + Math.max(0, Math.floor((limit - leastFiles) / filesPerWorker));
}

function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return ""; // not Linux
  }
}
