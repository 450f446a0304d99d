import { openShell, type Shell } from "../../../src/inspect/shell/shell.ts";
import { part } from "../../flow/stage-of.ts";
import type { SmallRun } from "../small-run.ts";

/** A shell on the small run, and all that it printed and said. */
export interface SmallShell {
  readonly shell: Shell;
  readonly printed: () => string;
  readonly said: () => readonly string[];
  readonly say: (line: string) => void;
}

/** The run's catalogue. */
export const smallTables = {
  items: [],
  users: [part("users", "1"), part("users", "2")],
};

export function openSmallShell({ db }: SmallRun): SmallShell {
  let text = "";
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const shell = openShell({
    ...{ db, tables: smallTables, format: "csv", maxRows: 3, say },
    print: async (pieces) => {
      for await (const piece of pieces) text += piece;
    },
  });
  return { shell, say, printed: () => text, said: () => lines };
}
