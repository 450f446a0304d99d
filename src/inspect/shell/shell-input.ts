import { firstStatement, isBlank } from "../sql/first-statement.ts";

/** What a person or a script asks of the shell. */
export type ShellInput =
  | { readonly kind: "statement"; readonly text: string }
  | { readonly kind: "command"; readonly text: string; readonly words: readonly string[] };

/** Puts lines together to statements and commands. */
export interface InputReader {
  /** Takes a line; returns what it completes, in order. */
  readonly feed: (line: string) => readonly ShellInput[];
  /** The lines of a statement that has begun and not ended; empty when there is none. */
  readonly begun: () => string;
  /** Forgets what has begun. */
  readonly clear: () => void;
}

/** Statements end with a semicolon; a line that begins with a dot, where no statement has begun, is a command. */
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
    begun: () => text,
    clear: () => {
      text = "";
    },
  };
}

/** The words of a command; quotes, which are left out, keep blanks in a word: `k='a b'` is one. */
export function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|\S)+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}
