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
 * Runs statements and commands in order, as they arrive. The last statement needs no semicolon.
 *
 * @throws The first error, with the line number of the end of its statement
 */
export async function runScript({ shell, input, signal }: ScriptOptions): Promise<void> {
  const reader = inputReader();
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const run = async (inputs: readonly ShellInput[], line: number): Promise<void> => {
    for (const each of inputs) {
      if (shell.hasQuit()) return;
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
      if (shell.hasQuit()) return;
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
