import { FlowError } from "../../base/errors.ts";
import type { Catalog } from "../../flow/stage.ts";
import type { Database } from "../../tables/database.ts";
import { answerOfRows, textFormats, type QueryAnswer, type TextFormat } from "../sql/answer.ts";
import { queryRun } from "../sql/query-run.ts";
import { listSavedQueries, bindSavedQuery } from "../sql/saved-queries.ts";
import { readRowLimit } from "../sql/answer-output.ts";
import { listColumns, listTables } from "./list-tables.ts";

/** State that commands change. */
interface ShellState {
  format: TextFormat;
  maxRows: number;
  hasQuit: boolean;
}

interface CommandContext {
  readonly db: Database;
  readonly tables: Catalog;
  readonly state: ShellState;
}

/** Null if there is nothing to show. */
type Answer = QueryAnswer | null;

interface ShellCommand {
  /** Arguments, for the help. */
  readonly takes: string;
  readonly about: string;
  /** Least and most arguments. */
  readonly words: readonly [least: number, most: number];
  readonly run: (words: readonly string[], signal: AbortSignal) => Answer | Promise<Answer>;
}

/** The shell's commands by name, in the order of the help. */
export function shellCommands(context: CommandContext): ReadonlyMap<string, ShellCommand> {
  const { db, tables, state } = context;
  const commands: readonly (readonly [string, ShellCommand])[] = [
    [
      ".tables",
      {
        takes: "",
        about: "lists the tables of the run with their row counts",
        words: [0, 0],
        run: () => listTables(tables),
      },
    ],
    [
      ".schema",
      {
        takes: "[table]",
        about: "lists the columns of a table, or of all tables",
        words: [0, 1],
        run: ([table]) => listColumns(db, tables, table),
      },
    ],
    [
      ".saved",
      {
        takes: "",
        about: "lists the saved queries with their parameters",
        words: [0, 0],
        run: () => listSavedQueries(),
      },
    ],
    [
      ".run",
      {
        takes: "name [parameter=value]…",
        about: "runs a saved query",
        words: [1, Number.POSITIVE_INFINITY],
        run: ([name = "", ...given], signal) => {
          const { sql, params } = bindSavedQuery(name, given, tables);
          return queryRun(db, sql, { params, signal });
        },
      },
    ],
    [
      ".format",
      {
        takes: textFormats.join("|"),
        about: "sets how answers are printed",
        words: [1, 1],
        run: ([name = ""]) => {
          state.format = readFormat(name);
          return null;
        },
      },
    ],
    [
      ".limit",
      {
        takes: "rows|all",
        about: "sets how many rows are shown at most",
        words: [1, 1],
        run: ([rows = ""]) => {
          state.maxRows = rows === "all" ? Number.POSITIVE_INFINITY : readRowLimit(".limit", rows);
          return null;
        },
      },
    ],
    [
      ".help",
      {
        takes: "",
        about: "lists these commands",
        words: [0, 0],
        run: () =>
          answerOfRows(
            { command: "other", does: "other" },
            commands.map(([name, { takes, about }]) => [`${name} ${takes}`.trimEnd(), about]),
          ),
      },
    ],
    [
      ".quit",
      {
        takes: "",
        about: "ends the shell, as does Ctrl-D",
        words: [0, 0],
        run: () => {
          state.hasQuit = true;
          return null;
        },
      },
    ],
  ];
  return new Map(commands);
}

/**
 * Runs a command.
 *
 * @param words - Its name and its arguments
 * @throws `CONFIG_INVALID` for an unknown name and for too few or too many arguments
 */
export async function runCommand(
  commands: ReadonlyMap<string, ShellCommand>,
  [name = "", ...words]: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  const command = commands.get(name);
  if (command === undefined) {
    const known = [...commands.keys()].join(", ");
    throw new FlowError("CONFIG_INVALID", `unknown command ${name}; commands: ${known}`);
  }
  const [least, most] = command.words;
  if (words.length >= least && words.length <= most) return command.run(words, signal);
  throw new FlowError("CONFIG_INVALID", `expected ${name} ${command.takes}`.trimEnd());
}

function readFormat(name: string): TextFormat {
  const format = textFormats.find((known) => known === name);
  if (format !== undefined) return format;
  throw new FlowError(
    "CONFIG_INVALID",
    `.format: expected ${textFormats.join(", ")}, got ${name}; Parquet is written with --format parquet --output FILE`,
  );
}
