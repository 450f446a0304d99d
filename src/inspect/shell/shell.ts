import type { Catalog } from "../../flow/stage.ts";
import type { Database } from "../../tables/database.ts";
import { queryRun } from "../sql/query-run.ts";
import { showAnswer, type ShowOptions } from "../sql/answer-output.ts";
import { runCommand, shellCommands } from "./shell-commands.ts";
import type { ShellInput } from "./shell-input.ts";

/** What a shell runs on. */
export interface ShellOptions extends Omit<ShowOptions, "cure"> {
  /** A run's database, as {@link withRun} opens it. */
  readonly db: Database;
  readonly tables: Catalog;
}

/** Runs statements and commands, one at a time. */
export interface Shell {
  /**
   * @param signal - Stops a query
   * @returns Rows shown; null if there was nothing to show
   * @throws {FlowError} If it fails; the shell stays usable
   */
  readonly execute: (input: ShellInput, signal: AbortSignal) => Promise<number | null>;
  /** Names of the dot commands. */
  readonly commands: readonly string[];
  /** Whether `.quit` was run. */
  readonly hasQuit: () => boolean;
}

export function openShell({ db, tables, ...shown }: ShellOptions): Shell {
  const state = { format: shown.format, maxRows: shown.maxRows, hasQuit: false };
  const commands = shellCommands({ db, tables, state });
  return {
    execute: async (input, signal) => {
      const answer =
        input.kind === "statement"
          ? await queryRun(db, input.text, { signal })
          : await runCommand(commands, input.words, signal);
      if (answer === null) return null;
      return showAnswer(answer, { ...shown, ...state, cure: ".limit all shows every row" });
    },
    commands: [...commands.keys()],
    hasQuit: () => state.hasQuit,
  };
}
