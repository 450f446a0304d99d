import { resolve } from "node:path";
import { FlowError } from "../base/errors.ts";
import { withRunAt } from "./place/with-run-at.ts";
import { scoreRun } from "../pipeline/score-run.ts";
import { requireWritable } from "../tables/files/table-file.ts";
import type { RowCount, ScoreSummary } from "../train/score/score-file.ts";
import { withProgress } from "./progress/with-progress.ts";

export interface ScoreOptions {
  readonly out: string;
  readonly backbone?: string;
  readonly variant?: string;
  readonly seed?: string;
  readonly trial?: string;
  readonly strict?: boolean;
  readonly safeForSpreadsheets?: boolean;
}

export async function scoreCommand(
  run: string,
  rows: string,
  options: ScoreOptions,
): Promise<void> {
  const {
    out,
    backbone,
    variant,
    strict = false,
    safeForSpreadsheets: isForSpreadsheets,
  } = options;
  requireWritable(out, { isForSpreadsheets });
  const seed = wholeNumber("--seed", options.seed);
  const trial = wholeNumber("--trial", options.trial);
  await withProgress(async (view, signal) => {
    const work = view.follow("score");
    const summary = await withRunAt(run, { files: "files", say: view.say, signal }, ({ runDir }) =>
      scoreRun({
        runDir,
        file: resolve(rows),
        out: resolve(out),
        ...(backbone !== undefined && { backbone }),
        ...(variant !== undefined && { variant }),
        ...(seed !== undefined && { seed }),
        ...(trial !== undefined && { trial }),
        isStrict: strict,
        isForSpreadsheets,
        signal,
        onModel: (name, reason) => {
          view.say(`model: ${name} (${reason})`);
        },
        onProgress: work,
      }),
    );
    view.say(summaryText(summary, out));
  });
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new FlowError("CONFIG_INVALID", `${option}: expected a whole number, got ${text}`);
}

function summaryText(
  { rows, unknownItems, unknownUsers, eventsLeftOut }: ScoreSummary,
  out: string,
): string {
  const count = (amount: number, noun: string): string =>
    `${amount.toLocaleString("en")} ${noun}${amount === 1 ? "" : "s"}`;
  const unknown = (what: string, meaning: string, { rows: n, first }: RowCount): string[] =>
    first === undefined
      ? []
      : [`${count(n, "row")} with an unknown ${what}: ${meaning}; first ${first}`];
  return [
    ...unknown("item", "scored without attributes or a vector", unknownItems),
    ...unknown("user", "scored without the run's user data", unknownUsers),
    ...(eventsLeftOut === 0
      ? []
      : [`${count(eventsLeftOut, "event")} of unknown items or ratings left out of histories`]),
    `${count(rows, "row")}: ${out}`,
  ].join("\n");
}
