import { firstStatement, isBlank } from "../sql/first-statement.ts";

/** One input of the shell. */
export type ShellInput =
  | { readonly kind: "statement"; readonly text: string }
  | { readonly kind: "command"; readonly text: string; readonly words: readonly string[] };

/** Assembles lines into statements and commands. */
export interface InputReader {
  /** Adds a line. Returns the inputs it completes, in order. */
  readonly feed: (line: string) => readonly ShellInput[];
  /** The lines of an incomplete statement; empty if there is none. */
  readonly pending: () => string;
  /** Discards the incomplete statement. */
  readonly clear: () => void;
}

/** A statement ends with a semicolon. Outside a statement, a line that starts with a dot is a command. */
export function inputReader(): InputReader {
  let text = "";
  return {
    feed: (line) => {
      if (isBlank(text) && line.trimStart().startsWith(".")) {
        text = "";
        return [{ kind: "command", text: line.trim(), words: wordsOf(line) }];
      }
      text += `${line}\n`;
      const inputs: ShellInput[] = [];
      for (let cut = firstStatement(text); cut !== null; cut = firstStatement(text)) {
        if (!isBlank(cut.statement)) inputs.push({ kind: "statement", text: cut.statement.trim() });
        text = cut.rest;
      }
      if (text.trim() === "") text = "";
      return inputs;
    },
    pending: () => text,
    clear: () => {
      text = "";
    },
  };
}

/** The words of a command. Quotes keep spaces inside a word and are removed: `k='a b'` is one word. */
export function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|\S)+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}
