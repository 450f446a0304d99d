import { createInterface, type Interface } from "node:readline";
import { reasonOf } from "../../base/errors.ts";
import { completeLine } from "./complete-line.ts";
import type { History } from "./history.ts";
import type { Shell, ShellOptions } from "./shell.ts";
import { inputReader, type ShellInput } from "./shell-input.ts";

interface TerminalOptions extends Pick<ShellOptions, "db" | "tables"> {
  readonly shell: Shell;
  readonly input: NodeJS.ReadableStream;
  /** Shows prompts and typed text. */
  readonly output: NodeJS.WritableStream;
  readonly history: History;
  readonly say: (line: string) => void;
  readonly explainError: (error: unknown) => string;
}

/**
 * Runs an interactive shell: statements over several lines, completion with Tab, history with the arrow keys. Errors are shown and
 * the shell continues. Ctrl-C stops the running query or discards the typed text; Ctrl-D quits.
 */
export async function runTerminal(options: TerminalOptions): Promise<void> {
  const { shell, db, tables, input, output, history, say, explainError } = options;
  const reader = inputReader();
  const context = { db, tables: Object.keys(tables), commands: shell.commands };
  const terminal = createInterface({
    input,
    output,
    terminal: true,
    history: [...history.entries()],
    completer: (line: string, done: (error: Error | null, found?: [string[], string]) => void) => {
      completeLine(reader.pending(), line, context).then((found) => {
        done(null, found);
      }, done);
    },
  });
  const remember = historyKeeper(terminal, history, say);
  let running: AbortController | undefined;

  const prompt = (): void => {
    terminal.setPrompt(reader.pending() === "" ? "r4ec> " : "  ... ");
    terminal.prompt(true); // keeps the cursor position in text typed meanwhile
  };
  terminal.on("SIGINT", () => {
    if (running !== undefined) {
      running.abort();
      return;
    }
    reader.clear();
    clearLine(terminal);
    output.write("^C\n");
    prompt();
  });

  const answer = async (each: ShellInput): Promise<void> => {
    running = new AbortController();
    const startMs = performance.now();
    try {
      const rows = await shell.execute(each, running.signal);
      if (rows !== null) say(`${countOf(rows)} in ${secondsSince(startMs)}`);
    } catch (error) {
      say(explainError(error));
    } finally {
      running = undefined;
    }
  };

  try {
    prompt();
    for await (const line of terminal) {
      const inputs = reader.feed(line);
      await remember(inputs);
      for (const each of inputs) {
        if (!shell.hasQuit()) await answer(each);
      }
      if (shell.hasQuit()) return;
      prompt();
    }
    output.write("\n");
  } finally {
    terminal.close();
  }
}

/** Adds whole statements to the history, not single lines. */
function historyKeeper(
  terminal: Interface,
  history: History,
  say: (line: string) => void,
): (inputs: readonly ShellInput[]) => Promise<void> {
  let lines: string[] = [];
  let isKept = true;
  terminal.on("history", (entries: string[]) => {
    lines = entries;
    restore();
  });
  const restore = (): void => {
    lines.splice(0, lines.length, ...history.entries());
  };
  return async (inputs) => {
    const entries = inputs.flatMap(({ kind, text }) =>
      kind === "command" ? [text] : entriesOf(`${text};`),
    );
    for (const entry of entries) {
      await history.add(entry).catch((error: unknown) => {
        if (isKept) say(`cannot save the history: ${reasonOf(error)}`);
        isKept = false;
      });
    }
    restore();
  };
}

/** Joins a statement to one line, since only single lines can be edited, unless a comment or string depends on its line breaks. */
function entriesOf(statement: string): readonly string[] {
  const texts = statement.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g) ?? [];
  const isBound = statement.includes("--") || texts.some((text) => text.includes("\n"));
  const lines = statement.split("\n").map((line) => line.trim());
  return isBound ? lines : [lines.join(" ")];
}

function clearLine(terminal: Interface): void {
  terminal.write(null, { ctrl: true, name: "e" });
  terminal.write(null, { ctrl: true, name: "u" });
}

function countOf(rows: number): string {
  return rows === 1 ? "1 row" : `${rows.toLocaleString("en-US")} rows`;
}

function secondsSince(startMs: number): string {
  return `${((performance.now() - startMs) / 1000).toFixed(2)} s`;
}
