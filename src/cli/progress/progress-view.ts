import { printable, printableLine } from "../../base/printable.ts";
import { isPending } from "../../flow/run-stages.ts";
import { errorsIn, errorText } from "../../flow/outcomes.ts";
import type { RunEvent } from "../../flow/run-event.ts";
import type { TaskProgress, TaskSpec } from "../../flow/task.ts";

/** Shows a run's events to a person. */
export interface ProgressView {
  readonly show: (event: RunEvent) => void;
  /** Starts a bar for work outside of any stage; returns the function that takes its progress. */
  readonly follow: (name: string) => (progress: TaskProgress) => void;
  /** Prints a line above the bar. */
  readonly say: (line: string) => void;
  readonly close: () => void;
}

type Output = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;

/** Least time between redraws of the bar on a terminal, and between lines elsewhere, ms. */
const intervals = { terminal: 120, lines: 5_000 };

interface StageState {
  readonly name: string;
  readonly tasks: number;
  readonly startedAt: number;
  /** Tasks that were done already when the stage started. */
  readonly reused: number;
  finished: number;
  /** Progress of the running tasks, by task index. */
  readonly running: Map<number, TaskProgress>;
  /** Rows of the tasks that have finished in this run. */
  rowsFinished: number;
  /** What the user has been told. */
  readonly told: Set<string>;
}

/** A bar that redraws itself on a terminal; elsewhere (logs, CI) a line every few seconds. */
export function progressView(output: Output): ProgressView {
  let stage: StageState | undefined;
  let lastDrawn = 0;
  let barShown = false;

  const clear = (): void => {
    if (barShown) output.write("\r\u001b[K");
    barShown = false;
  };
  const say = (line: string): void => {
    clear();
    output.write(`${printable(line)}\n`);
  };
  const draw = (isForced = false): void => {
    const now = performance.now();
    const interval = output.isTTY ? intervals.terminal : intervals.lines;
    if (stage === undefined || (!isForced && now - lastDrawn < interval)) return;
    lastDrawn = now;
    const line = printableLine(describeStage(stage, now));
    if (!output.isTTY) {
      say(line);
      return;
    }
    clear();
    output.write(line.slice(0, Math.max(20, output.columns - 1)));
    barShown = true;
  };

  const begin = (name: string, tasks: number, reused: number): StageState => {
    lastDrawn = performance.now();
    return {
      name,
      tasks,
      reused,
      startedAt: performance.now(),
      finished: reused,
      running: new Map(),
      rowsFinished: 0,
      told: new Set(),
    };
  };

  return {
    say,
    close: clear,
    follow: (name) => {
      const work = begin(name, 1, 0);
      stage = work;
      return (progress) => {
        work.running.set(0, progress);
        draw();
      };
    },
    show: (event) => {
      switch (event.kind) {
        case "stage-started":
          stage = begin(event.stage, event.tasks, event.reused);
          if (errorText(event.retried) !== "") say(describeRetried(event));
          break;
        case "task":
          if (stage !== undefined) follow(stage, event.event, say);
          draw();
          break;
        case "waiting":
          stage = undefined;
          say(event.text);
          break;
        case "note":
          say(event.text);
          break;
        case "stage-finished":
          say(describeFinished(event));
          stage = undefined;
          break;
      }
    },
  };
}

type TaskEvent = Extract<RunEvent, { kind: "task" }>["event"];

function follow(stage: StageState, event: TaskEvent, say: (line: string) => void): void {
  switch (event.kind) {
    case "started":
      break;
    case "progress":
      stage.running.set(event.task.index, event.progress);
      for (const note of event.progress.notes ?? []) {
        if (!stage.told.has(note)) say(`${stage.name.padEnd(14)}  ${note}`);
        stage.told.add(note);
      }
      break;
    case "finished":
      stage.finished++;
      stage.rowsFinished += stage.running.get(event.task.index)?.rowsDone ?? 0;
      stage.running.delete(event.task.index);
      break;
    case "failed":
      stage.running.delete(event.task.index);
      if (!isPending(event.error)) say(`${stage.name}: task ${taskName(event.task)} failed`);
      break;
  }
}

/** `encode  ████████──────────  42%  13/31 tasks  1,234 texts  161 texts/s  ETA 0:42  epoch 3/20` */
function describeStage(stage: StageState, now: number): string {
  const running = [...stage.running.values()];
  const partial = running.reduce((sum, task) => sum + shareOf(task), 0);
  const done = stage.tasks === 0 ? 1 : (stage.finished + partial) / stage.tasks;
  const doneHere = stage.finished - stage.reused + partial;
  const elapsedS = (now - stage.startedAt) / 1000;
  const left = stage.tasks - stage.finished - partial;
  const etaS = doneHere > 0.02 ? (elapsedS / doneHere) * left : undefined;
  const rows = stage.rowsFinished + running.reduce((sum, task) => sum + task.rowsDone, 0);
  const unit = running[0]?.unit ?? "rows";
  const rate = elapsedS > 0 ? rows / elapsedS : 0;
  const details = running.map((task) =>
    Object.entries(task.detail ?? {})
      .map(([name, value]) => `${name} ${value}`)
      .join(" "),
  );
  return [
    stage.name.padEnd(14),
    bar(done),
    `${String(Math.floor(done * 100)).padStart(3)}%`,
    stage.tasks > 1 ? `${String(stage.finished)}/${String(stage.tasks)} tasks` : "",
    rows > 0 ? `${rows.toLocaleString("en")} ${unit}` : "",
    rows > 0 ? `${Math.round(rate).toLocaleString("en")} ${unit}/s` : "",
    etaS === undefined ? "" : `ETA ${clock(etaS)}`,
    details.filter((detail) => detail !== "").join(" | "),
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function describeFinished(event: Extract<RunEvent, { kind: "stage-finished" }>): string {
  const rows = new Map<string, number>();
  for (const file of event.files) rows.set(file.table, (rows.get(file.table) ?? 0) + file.rows);
  const tables = [...rows]
    .map(([table, count]) => `${table} ${count.toLocaleString("en")}`)
    .join(", ");
  const isReused = event.reused === event.tasks;
  const kept =
    event.reused > 0 && !isReused
      ? ` (${String(event.reused)} of ${String(event.tasks)} tasks kept)`
      : "";
  const time = isReused ? "kept" : `${event.seconds.toFixed(1)} s`;
  const errors = errorText(errorsIn(event.files));
  const ending = errors === "" ? "" : `  finished with ${errors}`;
  return `${event.stage.padEnd(14)}  ${time.padStart(7)}${kept}  ${tables}${ending}`;
}

function describeRetried({ stage, retried }: Extract<RunEvent, { kind: "stage-started" }>): string {
  return `${stage.padEnd(14)}  asks again what had no answer: ${errorText(retried)}`;
}

function shareOf({ rowsDone, rowsTotal }: TaskProgress): number {
  return rowsTotal === undefined || rowsTotal === 0 ? 0 : Math.min(1, rowsDone / rowsTotal);
}

function bar(share: number): string {
  const width = 20;
  const full = Math.round(Math.min(1, share) * width);
  return "█".repeat(full) + "─".repeat(width - full);
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, "0")}`;
}

function taskName(task: TaskSpec): string {
  const params = JSON.stringify(task.params);
  return params === "{}" ? String(task.index) : `${String(task.index)} ${params}`;
}
