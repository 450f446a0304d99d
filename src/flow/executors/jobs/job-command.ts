import { fileURLToPath } from "node:url";
import { shellWord } from "../../../base/shell-word.ts";
import type { Job } from "./job-engine.ts";

/** This installation of r4ec, as a shell starts it. */
export function ownProgram(): string {
  const file = fileURLToPath(new URL("../../../../bin/r4ec.js", import.meta.url));
  return [process.execPath, file].map(shellWord).join(" ");
}

/**
 * The command line that runs a job in a shell. The job's id and indices are not quoted, so that they may be variables of the shell.
 *
 * @param program - What starts r4ec there
 * @param run - Its folder, or its place in a store
 */
export function jobCommand(
  program: string,
  run: string,
  { id, stage, indices, resources: { cpus, memoryMb } }: Job,
): string {
  return [
    ...[program, "task", "--run", shellWord(run), "--stage", shellWord(stage)],
    ...["--index", indices, "--job", id],
    ...(cpus === undefined ? [] : ["--threads", String(cpus)]),
    ...(memoryMb === undefined ? [] : ["--memory", `${Math.floor(memoryMb / 2)}MB`]),
  ].join(" ");
}
