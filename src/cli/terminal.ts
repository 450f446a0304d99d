/** @file What commands print: cleaned for terminals, and to whichever of the two outputs still takes it. */
import { setImmediate } from "node:timers/promises";
import { FlowError } from "../base/errors.ts";
import { printable, printableJson } from "../base/printable.ts";

/** Prints a command's answer. */
export function printText(text: string): void {
  process.stdout.write(printable(text));
}

/** Prints a command's answer as JSON. */
export function printJson(value: unknown): void {
  process.stdout.write(`${printableJson(JSON.stringify(value, null, 2))}\n`);
}

/** Prints a line for the user beside the answer. */
export function sayLine(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** Prints why a command failed: on stdout where stderr is closed or full, so that it never ends without a word. */
export function complain(text: string): void {
  const line = `${printable(text)}\n`;
  process.stderr.write(line, (error) => {
    if (error instanceof Error) process.stdout.write(line);
  });
}

/** The reader has left (`| head`) or the terminal was closed. */
const closed = new Set(["EPIPE", "EIO"]);

/**
 * Keeps a closed or full output from ending the process in the middle of its work.
 *
 * @returns To be called at the end. Throws `OUTPUT_FAILED` when a part of stdout could not be written although somebody reads it
 */
export function outliveOutputs(): () => Promise<void> {
  const lost: Error[] = [];
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!closed.has(error.code ?? "")) lost.push(error);
  });
  process.stderr.on("error", () => undefined); // it only shows progress; complain() has another way
  return async () => {
    await setImmediate(); // errors arrive a turn after the write
    const [first] = lost;
    if (first === undefined) return;
    throw new FlowError(
      "OUTPUT_FAILED",
      `standard output is incomplete: ${first.message}. Free some space where it is written to, and run the command again.`,
      { cause: first },
    );
  };
}
