/** @file Entry of the process that {@link startCrashWitness} starts. Its input ends when the process it watches does. */
import { createInterface } from "node:readline";
import { printable } from "../../base/printable.ts";
import { crashText } from "./crash-text.ts";

let running: readonly string[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  running = JSON.parse(line) as readonly string[]; // written by startCrashWitness
}
process.stderr.write(printable(crashText(running)));
