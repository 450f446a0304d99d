import { createInterface } from "node:readline";
import { asExpected, FlowError } from "../../base/errors.ts";
import type { Shell } from "./shell.ts";
import { inputReader, type ShellInput } from "./shell-input.ts";

interface ScriptOptions {
  readonly shell: Shell;
  readonly input: NodeJS.ReadableStream;
  readonly signal: AbortSignal;
}

/**
 * Runs the statements and commands of a text one after the other, as they come in. The last statement needs no semicolon.
 *
 * @throws What the first that fails throws, with the line it ends in
 */
export async function runScript({ shell, input, signal }: ScriptOptions): Promise<void> {
  const reader = inputReader();
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const run = async (inputs: readonly ShellInput[], line: number): Promise<void> => {
    for (const each of inputs) {
      if (shell.hasLeft()) return;
      await shell.execute(each, signal).catch((error: unknown) => {
        throw atLine(error, line);
      });
    }
  };
  try {
    let line = 0;
    for await (const text of lines) {
      line++;
      await run(reader.feed(text), line);
      if (shell.hasLeft()) return;
    }
    await run(reader.feed(";"), line);
  } finally {
    lines.close();
  }
}

function atLine(thrown: unknown, line: number): unknown {
  const error = asExpected(thrown);
  if (!(error instanceof FlowError)) return thrown;
  return new FlowError(error.code, `line ${line}: ${error.message}`, { cause: error });
}
