import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../flow/run-event.ts";

/** Another process, which tells the user when this one ends without a word: a native part crashed, or the system killed it. */
export interface CrashWitness {
  /** Keeps it informed of the tasks that are running. */
  readonly note: (event: RunEvent) => void;
  /** From now on there is nothing to tell. */
  readonly dismiss: () => void;
}

/** Starts a witness. It ends with this process at the latest; where it cannot be started, there is none. */
export function startCrashWitness(): CrashWitness {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const script = fileURLToPath(new URL(`./crash-witness-process${extension}`, import.meta.url));
  // In a session of its own, Ctrl-C in the terminal does not reach it.
  const child = spawn(process.execPath, [...process.execArgv, script], {
    stdio: ["pipe", "ignore", "inherit"],
    detached: true,
  });
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();

  const running = new Map<string, string>();
  const dismiss = (): void => {
    process.off("exit", dismiss);
    child.kill("SIGKILL");
  };
  process.on("exit", dismiss);
  return {
    dismiss,
    note: (event) => {
      if (event.kind !== "task" || event.event.kind === "progress") return;
      const { kind, task } = event.event;
      if (kind === "started") {
        running.set(task.key, `stage ${task.stage}, task ${task.index}`);
      } else running.delete(task.key);
      child.stdin.write(`${JSON.stringify([...running.values()])}\n`);
    },
  };
}
