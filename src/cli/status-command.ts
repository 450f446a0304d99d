import type { RunJob } from "../flow/executors/jobs/jobs-of-run.ts";
import { errorText } from "../flow/outcomes.ts";
import { runStatus } from "../pipeline/run-status.ts";
import { withRunAt } from "./place/with-run-at.ts";
import { printJson, printText } from "./terminal.ts";

export async function statusCommand(
  run: string,
  options: { readonly json?: boolean },
): Promise<void> {
  const status = await withRunAt(run, { files: "state" }, async ({ runDir, holder }) => {
    const found = await runStatus(runDir);
    return { ...found, lockedBy: found.lockedBy ?? (await holder()) };
  });
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
  const jobs = status.jobs.map((job) => `\n${describeJob(job)}`).join("");
  printText(`${status.name} (${status.protocol})  ${run}\n${lines.join("\n")}${holder}${jobs}\n`);
}

/** A job in a line: where it is, and how far its tasks are. */
function describeJob({ stage, id, host, tasks, running }: RunJob): string {
  const far = Object.entries(running).map(([index, { rowsDone, rowsTotal, unit = "rows" }]) => {
    const of = rowsTotal === undefined ? "" : ` of ${rowsTotal.toLocaleString("en")}`;
    return `task ${index}: ${rowsDone.toLocaleString("en")}${of} ${unit}`;
  });
  const count = `${tasks} ${tasks === 1 ? "task" : "tasks"}`;
  return [`job ${id}`, stage, host === null ? "queued" : `on ${host}`, count, ...far].join("  ");
}
