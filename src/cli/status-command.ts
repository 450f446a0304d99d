import { resolve } from "node:path";
import { errorText } from "../flow/outcomes.ts";
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
  const lines = status.stages.map((each) => {
    const { stage, state, tasksDone, tasks, seconds, tables, errors } = each;
    const counts = Object.entries(tables).map(
      ([table, rows]) => `${table} ${rows.toLocaleString("en")}`,
    );
    const done = tasks === null ? "" : `${String(tasksDone)}/${String(tasks)} tasks`;
    const time = seconds === 0 ? "" : `${seconds.toFixed(1)} s`;
    const ending = errorText(errors);
    return [
      ...[stage.padEnd(14), state.padEnd(8), done.padEnd(14), time.padStart(8), counts.join(", ")],
      ...(ending === "" ? [] : [`${state === "done" ? "finished " : ""}with ${ending}`]),
    ]
      .join("  ")
      .trimEnd();
  });
  const holder = status.lockedBy === null ? "" : `\nbeing written by ${status.lockedBy}`;
  printText(`${status.name} (${status.protocol})  ${run}\n${lines.join("\n")}${holder}\n`);
}
