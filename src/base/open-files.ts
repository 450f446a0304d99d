import { readFileSync } from "node:fs";
import { FlowError } from "./errors.ts";

/** Files that Node and one worker have open while they load modules, which is when they have most. */
const leastFiles = 256;
/** Files of each further worker. */
const filesPerWorker = 128;
/** Files that a run has open while it asks models, but for the connections. */
const filesBesideConnections = 192;

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

/**
 * Refuses more connections than files may be open: the system would refuse the last ones, and servers would look as if they were down.
 *
 * @param connections - Of all models together, one per request in flight
 * @throws `CONFIG_INVALID` with the setting to lower, and the command that raises the limit
 */
export function requireConnections(connections: number, limit = openFileLimit()): void {
  const most = Math.max(0, limit - filesBesideConnections);
  if (connections <= most) return;
  throw new FlowError(
    "CONFIG_INVALID",
    `limits.inFlight is ${connections}, over all models, and each request in flight is an open file, of which ${limit} are allowed here: ` +
      `lower limits.inFlight to ${most} together, or raise the limit with ulimit -n ${connections + filesBesideConnections} in the ` +
      "shell that starts r4ec, or where the container or service is set up.",
  );
}

function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return ""; // not Linux
  }
}
