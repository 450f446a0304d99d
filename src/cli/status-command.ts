import { resolve } from "node:path";
import { runStatus } from "../pipeline/run-status.ts";
import { printJson, printText } from "./terminal.ts";

export async function statusCommand(
  run: string,
  options: { readonly json?: boolean },
): Promise<void> {
  const status = await runStatus(resolve(run));
  if (options.json === true) {
    printJson(status);
    return;
  }
  const lines = status.stages.map(({ stage, state, tasksDone, tasks, seconds, tables }) => {
    const counts = Object.entries(tables).map(
      ([table, rows]) => `${table} ${rows.toLocaleString("en")}`,
    );
    const done = tasks === null ? "" : `${String(tasksDone)}/${String(tasks)} tasks`;
    const time = seconds === 0 ? "" : `${seconds.toFixed(1)} s`;
    return [stage.padEnd(14), state.padEnd(8), done.padEnd(14), time.padStart(8), counts.join(", ")]
      .join("  ")
      .trimEnd();
  });
  const holder = status.lockedBy === null ? "" : `\nbeing written by ${status.lockedBy}`;
  printText(`${status.name} (${status.protocol})  ${run}\n${lines.join("\n")}${holder}\n`);
}
