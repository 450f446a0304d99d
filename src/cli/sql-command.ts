import { createInterface } from "node:readline/promises";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { FlowError } from "../errors.ts";
import { formatRows, type RowFormat } from "../inspect/format-rows.ts";
import { openRun } from "../inspect/open-run.ts";
import { queryRun } from "../inspect/query-run.ts";
import { runCatalog } from "../pipeline/run-folder.ts";
import { runtimeOf } from "../pipeline/settings.ts";
import type { Database } from "../tables/database.ts";
import { explainError } from "./exit-code.ts";

interface SqlOptions {
  readonly format: RowFormat;
  readonly limit?: string;
  readonly all?: boolean;
}

export async function sqlCommand(
  run: string,
  query: string | undefined,
  options: SqlOptions,
): Promise<void> {
  const maxRows = maxRowsOf(options);
  const runDir = resolve(run);
  const tables = await runCatalog(runDir);
  const db = await openRun(runDir, tables, runtimeOf({ runtime: {} }));
  try {
    if (query === "-") await answer(db, await text(process.stdin), options.format, maxRows);
    else if (query !== undefined) await answer(db, query, options.format, maxRows);
    else await shell(db, Object.keys(tables), options.format, maxRows);
  } finally {
    db.close();
  }
}

/** People get a screenful, programs get all unless they ask for less. */
function maxRowsOf({ format, limit, all }: SqlOptions): number {
  if (all === true) return Number.POSITIVE_INFINITY;
  if (limit === undefined) return format === "table" ? 50 : Number.POSITIVE_INFINITY;
  const rows = Number(limit);
  if (Number.isInteger(rows) && rows >= 1) return rows;
  throw new FlowError("CONFIG_INVALID", `--limit: expected an integer >= 1, got ${limit}`);
}

async function answer(
  db: Database,
  sql: string,
  format: RowFormat,
  maxRows: number,
): Promise<void> {
  const rows = formatRows(await queryRun(db, sql), format, maxRows);
  await pipeline(rows, process.stdout, { end: false }).catch((error: unknown) => {
    const isClosedPipe = error instanceof Error && "code" in error && error.code === "EPIPE";
    if (!isClosedPipe) throw error;
  });
}

/** Reads statements up to a semicolon until the input ends. An error is shown and the shell goes on. */
async function shell(
  db: Database,
  tables: readonly string[],
  format: RowFormat,
  maxRows: number,
): Promise<void> {
  const input = createInterface({ input: process.stdin, output: process.stderr, prompt: "r4ec> " });
  process.stderr.write(
    `tables: ${tables.join(", ")}\nEnd a statement with a semicolon; Ctrl-D leaves.\n`,
  );
  let statement = "";
  input.prompt();
  for await (const line of input) {
    statement += `${line}\n`;
    if (statement.trimEnd().endsWith(";")) {
      await answer(db, statement, format, maxRows).catch((error: unknown) => {
        process.stderr.write(`${explainError(error)}\n`);
      });
      statement = "";
    }
    input.setPrompt(statement === "" ? "r4ec> " : "  ... ");
    input.prompt();
  }
  process.stderr.write("\n");
}
