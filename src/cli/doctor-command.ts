import { availableParallelism, cpus } from "node:os";
import { isatty } from "node:tty";
import pc from "picocolors";
import { freeMemory } from "../base/free-memory.ts";
import { printable } from "../base/printable.ts";
import { checkMachine } from "../pipeline/check-machine.ts";
import { printJson } from "./terminal.ts";

export interface DoctorOptions {
  readonly json?: boolean;
}

/** Prints what the machine has. Exits with 1 when something that r4ec requires is missing. */
export async function doctorCommand(options: DoctorOptions): Promise<void> {
  const checks = await checkMachine();
  const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  const { freeBytes, totalBytes } = freeMemory();
  const machine = {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: `${String(availableParallelism())} x ${cpus()[0]?.model ?? "unknown"}`,
    memory: `${gib(freeBytes)} free of ${gib(totalBytes)}`,
  };
  if (options.json === true) {
    printJson({ machine, checks });
  } else {
    const paint = pc.createColors(isatty(1));
    for (const [name, value] of Object.entries(machine)) {
      process.stdout.write(`    ${name.padEnd(16)}${value}\n`);
    }
    for (const { name, isOk, finding, cure } of checks) {
      const mark = isOk ? paint.green("ok ") : paint.red("NO ");
      const lines = [finding, ...(cure?.split("\n") ?? [])].map(printable);
      process.stdout.write(`${mark} ${name.padEnd(16)}${lines.join(`\n${" ".repeat(20)}`)}\n`);
    }
  }
  if (checks.some((check) => !check.isOk)) process.exitCode = 1;
  process.stdout.write("", () => process.exit()); // a GPU that was opened keeps the process alive
}
