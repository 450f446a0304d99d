import { printableLine as safe } from "../base/printable.ts";
import type { SourceReport, WeightRange } from "../dataset/sources/source-report.ts";
import { describePipeline } from "../pipeline/describe-pipeline.ts";
import { loadSettings } from "./load-settings.ts";
import { printJson, printText, sayLine } from "./terminal.ts";
import { untilInterrupted } from "./progress/until-interrupted.ts";

export interface DescribeOptions {
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** Prints what a pipeline's source contains and which of its rows a run would keep. Runs nothing, writes nothing. */
export async function describeCommand(file: string, options: DescribeOptions): Promise<void> {
  const settings = await loadSettings(file, options.set);
  const report = await untilInterrupted(sayLine, (signal) => describePipeline(settings, signal));
  if (options.json === true) printJson(report);
  else printText(reportText(report));
}

function reportText(report: SourceReport): string {
  const { source, files, columns, counts, rejects, stops, kept } = report;
  const filesText = files.map(({ holds, paths, bytes, columns: found }) => {
    const size = bytes === null ? "" : `, ${whole(bytes)} bytes`;
    const names = found.map(({ name, type }) => `${safe(name)} ${type}`).join(", ");
    return `${holds}: ${whole(paths.length)} file(s)${size}, first ${safe(paths[0] ?? "")}\n  ${names}`;
  });
  const columnsText = columns.map(
    ({ role, name, type, taken, missing }) =>
      `  ${role.padEnd(6)} ${safe(name)} ${type}${taken === "" ? "" : `, ${taken}`}; missing in ${whole(missing)} rows`,
  );
  const countsText = counts.map(
    ({ step, reason, rows }) => `  ${whole(rows)} ${reason === "" ? step : `${step}: ${reason}`}`,
  );
  const rejectsText = rejects.map(
    ({ source: of, reason, rows, first }) =>
      `  ${whole(rows)} of ${of}: ${reason}; first ${safe(first.file)}: line ${whole(first.line)}: ${safe(first.content)}`,
  );
  const share = (100 * kept.positiveShare).toFixed(1);
  return [
    `source ${source}`,
    ...filesText,
    ...headed("columns of the interactions:", columnsText),
    ...headed("rows:", countsText),
    ...headed("left out, by reason:", rejectsText),
    `kept: ${whole(kept.rows)} interactions of ${whole(kept.users)} users with ${whole(kept.items)} items, ${share} % positive, ` +
      `${kept.firstAt} to ${kept.lastAt}; ${whole(kept.repeated)} repeat an earlier event`,
    ...weightText(kept.weights),
    ...headed(
      "a run would stop because of:",
      stops.map((stop) => `  ${stop}`),
    ),
    "",
  ].join("\n");
}

function weightText(weights: WeightRange | undefined): readonly string[] {
  if (weights === undefined) return [];
  const { least, most, mean, zeros } = weights;
  return [
    `weights: ${least} to ${most}, ${mean.toPrecision(4)} on average; ${whole(zeros)} rows of weight 0 are ignored in training`,
  ];
}

function headed(head: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [head, ...lines];
}

function whole(amount: number): string {
  return amount.toLocaleString("en");
}
