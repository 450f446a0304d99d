import { FlowError } from "../../base/errors.ts";
import type { Catalog } from "../../flow/stage.ts";
import type { Database } from "../../tables/database.ts";
import { answerOfRows, textFormats, type QueryAnswer, type TextFormat } from "../sql/answer.ts";
import { queryRun } from "../sql/query-run.ts";
import { listSavedQueries, bindSavedQuery } from "../sql/saved-queries.ts";
import { readRowLimit } from "../sql/answer-output.ts";
import { listColumns, listTables } from "./list-tables.ts";

/** What commands change. */
interface ShellState {
  format: TextFormat;
  maxRows: number;
  hasLeft: boolean;
}

interface CommandContext {
  readonly db: Database;
  readonly tables: Catalog;
  readonly state: ShellState;
}

/** What is to be shown, if anything. */
type Answer = QueryAnswer | null;

interface ShellCommand {
  /** What goes behind the name. */
  readonly takes: string;
  readonly about: string;
  /** Fewest and most words behind the name. */
  readonly words: readonly [least: number, most: number];
  readonly run: (words: readonly string[], signal: AbortSignal) => Answer | Promise<Answer>;
}

/** The shell's commands by name, in the order in which they are listed. */
export function shellCommands(context: CommandContext): ReadonlyMap<string, ShellCommand> {
  const { db, tables, state } = context;
  const commands: readonly (readonly [string, ShellCommand])[] = [
    [
      ".tables",
      {
        takes: "",
        about: "the tables of the run with their rows",
        words: [0, 0],
        run: () => listTables(tables),
      },
    ],
    [
      ".schema",
      {
        takes: "[table]",
        about: "the columns of a table, or of all",
        words: [0, 1],
        run: ([table]) => listColumns(db, tables, table),
      },
    ],
    [
      ".saved",
      {
        takes: "",
        about: "the saved queries with the parameters they take",
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
        about: "how answers are printed",
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
        about: "rows shown at most",
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
        about: "this list",
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
        about: "leaves; so does Ctrl-D",
        words: [0, 0],
        run: () => {
          state.hasLeft = true;
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
 * @param words - Its name and what goes behind it
 * @throws `CONFIG_INVALID` for an unknown name, and for words too few or too many
 */
export async function runCommand(
  commands: ReadonlyMap<string, ShellCommand>,
  [name = "", ...words]: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  const command = commands.get(name);
  if (command === undefined) {
    const known = [...commands.keys()].join(", ");
    throw new FlowError("CONFIG_INVALID", `there is no command ${name}; there are: ${known}`);
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
