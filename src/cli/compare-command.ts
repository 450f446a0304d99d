import { writeFile } from "node:fs/promises";
import { extname, relative, resolve } from "node:path";
import { FlowError } from "../base/errors.ts";
import { newFile } from "../inspect/new-file.ts";
import { refuseRunFolder } from "../inspect/refuse-own-folders.ts";
import { isStoreUri } from "../flow/store/open-run-store.ts";
import { compareRuns, type PlacedRun } from "../pipeline/compare/compare-runs.ts";
import { withRunAt } from "./place/with-run-at.ts";
import { comparisonCsv } from "../report/compare/comparison-csv.ts";
import { comparisonLatex } from "../report/compare/comparison-latex.ts";
import { comparisonPage } from "../report/compare/comparison-page.ts";
import { comparisonText } from "../report/compare/comparison-text.ts";
import type { RunComparison } from "../report/compare/run-comparison.ts";
import type { ComparisonFormat } from "./output/formats.ts";
import { untilInterrupted } from "./progress/until-interrupted.ts";
import { printJson, printText, sayLine } from "./terminal.ts";

export interface CompareOptions {
  readonly format?: ComparisonFormat;
  readonly output?: string;
}

const formatByEnd: Readonly<Record<string, ComparisonFormat>> = {
  ".html": "html",
  ".htm": "html",
  ".json": "json",
  ".csv": "csv",
  ".tex": "latex",
  ".txt": "table",
};

/** Shows runs side by side, or writes that to a new file. */
export async function compareCommand(
  runs: readonly string[],
  { format, output }: CompareOptions,
): Promise<void> {
  const form = format ?? (output === undefined ? "table" : formatOfName(output));
  if (form === "html" && output === undefined) {
    throw new FlowError(
      "CONFIG_INVALID",
      "--format html needs --output, such as --output page.html",
    );
  }
  const say = (): void => undefined; // the stopped comparison reports itself
  const comparison = await withRunsAt(runs, (placed) =>
    untilInterrupted(say, (signal) => compareRuns(placed, { signal })),
  );
  if (output === undefined) await print(comparison, form);
  else await write(comparison, form, resolve(output), runs);
}

/** Runs `use` on runs, wherever they are. */
function withRunsAt<T>(
  places: readonly string[],
  use: (runs: readonly PlacedRun[]) => Promise<T>,
  placed: readonly PlacedRun[] = [],
): Promise<T> {
  const place = places[placed.length];
  if (place === undefined) return use(placed);
  return withRunAt(place, { files: "tables" }, ({ runDir }) =>
    withRunsAt(places, use, [...placed, { place, runDir }]),
  );
}

function formatOfName(output: string): ComparisonFormat {
  const form = formatByEnd[extname(output).toLowerCase()];
  if (form !== undefined) return form;
  throw new FlowError(
    "CONFIG_INVALID",
    `--output ${output}: its name does not say which format; end it in ${Object.keys(formatByEnd).join(", ")}, or give --format`,
  );
}

async function print(comparison: RunComparison, form: ComparisonFormat): Promise<void> {
  if (form === "json") printJson(comparison);
  else
    printText(await textOf(comparison, form, process.stdout.isTTY ? process.stdout.columns : 100));
}

async function write(
  comparison: RunComparison,
  form: ComparisonFormat,
  path: string,
  runs: readonly string[],
): Promise<void> {
  for (const run of runs.filter((one) => !isStoreUri(one))) {
    await refuseRunFolder(resolve(run), path);
  }
  const file = await newFile(path);
  try {
    await writeFile(file.tempPath, await textOf(comparison, form, 100));
    await file.commit();
  } finally {
    await file.discard();
  }
  sayLine(`comparison: ${relative(process.cwd(), path)}`);
}

async function textOf(
  comparison: RunComparison,
  form: ComparisonFormat,
  width: number,
): Promise<string> {
  switch (form) {
    case "table":
      return comparisonText(comparison, width);
    case "json":
      return `${JSON.stringify(comparison, null, 2)}\n`;
    case "csv":
      return comparisonCsv(comparison);
    case "latex":
      return comparisonLatex(comparison);
    case "html":
      return comparisonPage(comparison);
  }
}
