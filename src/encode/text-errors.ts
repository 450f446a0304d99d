import { FlowError } from "../base/errors.ts";
import { errorCounter, refuseTooManyErrors, type ErrorLimit } from "../flow/error-limit.ts";
import { errorsIn, errorTotal } from "../flow/outcomes.ts";
import type { FileRef, TaskContext } from "../flow/task.ts";
import type { EncodeSettings } from "./encoder-settings.ts";

type Allowance = Pick<EncodeSettings, "maxErrors">;

/** How many texts of a run's stage may be without a vector. */
export function textLimit({ maxErrors }: Allowance): ErrorLimit {
  return { ...texts, setting: "encode.maxErrors", maxErrors, takesRetry: true };
}

/** How many of the texts given to `r4ec encode` may be without a vector. */
export function givenTextLimit({ maxErrors }: Allowance): ErrorLimit {
  return { ...texts, setting: "--max-errors", maxErrors, takesRetry: false };
}

const texts = { noun: "text", lacks: "vector" };

/** The texts without a vector, over all tasks of a stage. */
export interface TextErrors {
  /** @throws FlowError `TOO_MANY_ERRORS` beyond a limit by number */
  readonly count: (what: string, kind: string) => void;
  /** The first of them, in words. */
  readonly told: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Errors that are told one by one. */
const mostTold = 10;

/** The count that all tasks of a stage share. */
export function textErrors(
  limit: ErrorLimit,
  { shared }: Pick<TaskContext, "shared">,
): Promise<TextErrors> {
  return shared("text errors", () => {
    const count = errorCounter(limit);
    const told: string[] = [];
    return Promise.resolve({
      count: (what, kind) => {
        if (told.length < mostTold) told.push(`no vector for ${what}`);
        count(what, kind);
      },
      told: () => [...told],
      close: () => Promise.resolve(),
    });
  });
}

/**
 * Refuses the parts of a finished stage when no text has a vector, or when more than allowed have none.
 *
 * @param table - Has a row per text that a server was asked about
 * @throws FlowError `INPUT_INVALID` or `TOO_MANY_ERRORS`
 */
export function checkTexts(parts: readonly FileRef[], limit: ErrorLimit, table: string): void {
  const asked = parts.filter((part) => part.table === table);
  const texts = asked.reduce((sum, { rows }) => sum + rows, 0);
  const [maker] = asked.flatMap(({ outcomes = {} }) => Object.entries(outcomes));
  if (maker !== undefined && errorTotal(errorsIn(asked)) === texts) {
    const [model, { firstError = "no reason given" }] = maker;
    throw encodesNothing(model, texts, firstError);
  }
  refuseTooManyErrors(asked, limit, [table]);
}

/** The error for a server that encodes nothing. */
export function encodesNothing(model: string, texts: number, reason: string): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    `${model} encoded none of ${texts} ${texts === 1 ? "text" : "texts"}; ${reason}. Check encode.encoder and encode.remote ` +
      "(encodingFormat, dimensions, extra), and that the server's model is one for embeddings. Every vector so far is kept: run again to " +
      "continue.",
  );
}
