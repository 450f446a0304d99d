import { resolve } from "node:path";
import { FlowError } from "../base/errors.ts";
import type { Catalog } from "../flow/stage.ts";
import { answerFormats, defaultMaxRows, type AnswerFormat } from "../inspect/sql/answer.ts";
import { readRowLimit, showAnswer, writeAnswer } from "../inspect/sql/answer-output.ts";
import { newFile } from "../inspect/new-file.ts";
import { refuseOwnFolders } from "../inspect/refuse-own-folders.ts";
import { withRun } from "../inspect/with-run.ts";
import { queryRun } from "../inspect/sql/query-run.ts";
import { bindSavedQuery, listSavedQueries, type ReadyQuery } from "../inspect/sql/saved-queries.ts";
import { runCatalog } from "../pipeline/run-folder.ts";
import { runtimeOf } from "../pipeline/settings.ts";
import { printPieces } from "./output/print-pieces.ts";
import { withRunAt } from "./place/with-run-at.ts";
import { sqlShell } from "./sql-shell.ts";
import { sayLine } from "./terminal.ts";
import { untilInterrupted } from "./progress/until-interrupted.ts";

export interface SqlOptions {
  readonly format?: AnswerFormat;
  readonly output?: string;
  readonly limit?: string;
  readonly all?: boolean;
  readonly safeForSpreadsheets?: boolean;
  /** Name of a saved query; true: list them. */
  readonly saved?: string | true;
  readonly param: readonly string[];
}

/** The run to query, and the signal that stops the query. */
interface SqlContext {
  readonly runDir: string;
  readonly tables: Catalog;
  readonly signal: AbortSignal;
}

export async function sqlCommand(
  run: string,
  query: string | undefined,
  options: SqlOptions,
): Promise<void> {
  const { output, saved } = options;
  refuseContradictions(query, options);
  const say = (): void => undefined; // the stopped query reports itself
  await withRunAt(run, { files: "tables" }, async ({ runDir }) => {
    const tables = await runCatalog(runDir);
    await untilInterrupted(say, async (signal) => {
      const context: SqlContext = { runDir, tables, signal };
      const question = questionOf(query, options, tables);
      if (saved === true) await showAnswer(listSavedQueries(), displayOptions(options));
      else if (question === null) await shell(context, options);
      else if (output === undefined) await show(context, question, options);
      else await write(context, question, resolve(output), options);
    });
  });
}

/** The query that the options name; null: open a shell. */
function questionOf(
  query: string | undefined,
  { saved, param }: SqlOptions,
  tables: Catalog,
): ReadyQuery | null {
  if (typeof saved === "string") return bindSavedQuery(saved, param, tables);
  return query === undefined || query === "-" ? null : { sql: query };
}

async function show(
  { runDir, tables, signal }: SqlContext,
  { sql, params }: ReadyQuery,
  options: SqlOptions,
): Promise<void> {
  await withRun({ ...runtimeOf({ runtime: {} }), runDir, tables }, async (db) => {
    await showAnswer(await queryRun(db, sql, { params, signal }), displayOptions(options));
  });
}

async function write(
  { runDir, tables, signal }: SqlContext,
  { sql, params }: ReadyQuery,
  path: string,
  options: SqlOptions,
): Promise<void> {
  await refuseOwnFolders(runDir, path);
  const format = options.format ?? formatOfName(path);
  const file = await newFile(path);
  try {
    const outputs = format === "parquet" ? [file.tempPath] : [];
    await withRun({ ...runtimeOf({ runtime: {} }), runDir, tables, outputs }, async (db) => {
      const maxRows = maxRowsOf(options, Number.POSITIVE_INFINITY);
      const isForSpreadsheets = options.safeForSpreadsheets;
      const written = { path: file.tempPath, format, maxRows, isForSpreadsheets, params, signal };
      const rows = await writeAnswer(db, sql, written);
      say(`${path}: ${rows.toLocaleString("en-US")} rows`);
    });
    await file.commit();
  } finally {
    await file.discard();
  }
}

async function shell({ runDir, tables, signal }: SqlContext, options: SqlOptions): Promise<void> {
  await withRun({ ...runtimeOf({ runtime: {} }), runDir, tables }, (db) =>
    sqlShell({ db, tables, signal, ...displayOptions(options) }),
  );
}

/** @throws `CONFIG_INVALID` for options that contradict each other */
function refuseContradictions(
  query: string | undefined,
  { format, output, saved, param, safeForSpreadsheets = false }: SqlOptions,
): void {
  const isShell = saved === undefined && (query === undefined || query === "-");
  const isCsv = (format ?? (output === undefined ? "table" : formatOfName(output))) === "csv";
  const fault =
    query !== undefined && saved !== undefined
      ? "give either a query or --saved, not both"
      : param.length > 0 && typeof saved !== "string"
        ? "--param is for a saved query: name one with --saved"
        : format === "parquet" && output === undefined
          ? "--format parquet needs --output FILE"
          : output !== undefined && (isShell || saved === true)
            ? "--output needs a query or --saved NAME"
            : safeForSpreadsheets && !isCsv && !isShell
              ? "--safe-for-spreadsheets is for CSV: add --format csv, or --output with a name ending in .csv"
              : undefined;
  if (fault !== undefined) throw new FlowError("CONFIG_INVALID", `sql: ${fault}`);
}

function displayOptions(options: SqlOptions) {
  const { format = "table" } = options;
  return {
    format: format === "parquet" ? "table" : format,
    maxRows: maxRowsOf(options, defaultMaxRows),
    isForSpreadsheets: options.safeForSpreadsheets,
    cure: "--all shows every row",
    print: printPieces,
    say,
  } as const;
}

function maxRowsOf({ limit, all }: SqlOptions, usual: number): number {
  if (all === true) return Number.POSITIVE_INFINITY;
  return limit === undefined ? usual : readRowLimit("--limit", limit);
}

function formatOfName(path: string): AnswerFormat {
  return answerFormats.find((format) => path.toLowerCase().endsWith(`.${format}`)) ?? "csv";
}

function say(line: string): void {
  sayLine(`r4ec: ${line}`);
}
