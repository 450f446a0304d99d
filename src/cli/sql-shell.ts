import { join } from "node:path";
import { openHistory } from "../inspect/shell/history.ts";
import { runScript } from "../inspect/shell/run-script.ts";
import { runTerminal } from "../inspect/shell/run-terminal.ts";
import { openShell, type ShellOptions } from "../inspect/shell/shell.ts";
import { inStageOrder } from "../inspect/stage-of-table.ts";
import { explainError } from "./exit-code.ts";
import { sayLine } from "./terminal.ts";
import { userCacheDir } from "./user-cache-dir.ts";

interface SqlShellOptions extends ShellOptions {
  /** Stops a script. On a terminal, Ctrl-C stops only the current query. */
  readonly signal: AbortSignal;
}

/** Opens a shell on a terminal; otherwise runs the statements on stdin. */
export async function sqlShell({ signal, ...options }: SqlShellOptions): Promise<void> {
  if (!process.stdin.isTTY) {
    await runScript({ shell: openShell(options), input: process.stdin, signal });
    return;
  }
  const { db, tables } = options;
  sayLine(`tables: ${inStageOrder(Object.keys(tables)).join(", ")}`);
  sayLine("End statements with a semicolon. .help lists commands, Tab completes, Ctrl-D exits.");
  await runTerminal({
    ...{ db, tables, explainError, say: sayLine },
    shell: openShell({ ...options, say: sayLine }),
    input: process.stdin,
    output: process.stderr,
    history: await openHistory(join(userCacheDir(), "sql-history")),
  });
}
