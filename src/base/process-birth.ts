import { readFile } from "node:fs/promises";
import { hasCode } from "./files/durable-file.ts";

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
