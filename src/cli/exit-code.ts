import { CommanderError } from "commander";
import { FlowError, asExpected } from "../base/errors.ts";

/** 0 done, 1 the run failed, 2 bad usage or configuration, 130 interrupted. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof FlowError)) return 1;
  if (error.code === "CONFIG_INVALID") return 2;
  return error.code === "INTERRUPTED" ? 130 : 1;
}

/** The text for the user: the message of an expected failure, the stack of a bug. */
export function explainError(thrown: unknown): string {
  const error = asExpected(thrown);
  if (error instanceof FlowError) return `r4ec: ${error.message}`;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `r4ec: this is a bug; please report it with the command you ran:\n${text}`;
}
