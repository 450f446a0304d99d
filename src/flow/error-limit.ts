import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import { faultKinds } from "../base/retry-policy.ts";
import { errorsIn, errorText, errorTotal, type ErrorCounts } from "./outcomes.ts";
import type { FileRef } from "./task.ts";

/** How many errors a stage may finish with. */
export interface ErrorLimit {
  /** The setting's name: knowledge.maxErrors. */
  readonly setting: string;
  /** Below 1, and above 0: a share of the stage's rows; else their number. */
  readonly maxErrors: number;
  /** What an error is about, and what it lacks: "prompt", "answer". */
  readonly noun: string;
  readonly lacks: string;
  /** Whether running again takes `--retry`. */
  readonly takesRetry: boolean;
}

/** The setting that is {@link ErrorLimit.maxErrors}. */
export const maxErrorsSetting = z
  .number()
  .min(0)
  .refine((most) => most < 1 || Number.isInteger(most), {
    error: "a share below 1, such as 0.05, or a whole number",
  })
  .default(0.05);

/**
 * Counts errors while tasks run. Only a limit by number can be exceeded before the stage's end, as only then its rows are known.
 *
 * @returns Counts an error. Beyond the limit it throws `TOO_MANY_ERRORS`, the same error from then on
 */
export function errorCounter(limit: ErrorLimit): (what: string, kind: string) => void {
  const kinds: Record<string, number> = {};
  let exceeded: FlowError | undefined;
  return (what, kind) => {
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    const errors = errorTotal(kinds);
    if (isShare(limit) || errors <= limit.maxErrors) return;
    exceeded ??= tooManyErrors(limit, kinds, null, `; the last: ${what}`);
    throw exceeded;
  };
}

/**
 * Refuses the parts of a finished stage that hold more errors than allowed.
 *
 * @param tables - Those whose rows may hold errors
 * @throws FlowError `TOO_MANY_ERRORS`
 */
export function refuseTooManyErrors(
  parts: readonly FileRef[],
  limit: ErrorLimit,
  tables: readonly string[],
): void {
  const errors = errorsIn(parts);
  const rows = parts.reduce((sum, part) => sum + (tables.includes(part.table) ? part.rows : 0), 0);
  const most = isShare(limit) ? limit.maxErrors * rows : limit.maxErrors;
  if (errorTotal(errors) <= most) return;
  const outcomes = parts.flatMap((part) => Object.values(part.outcomes ?? {}));
  const first = outcomes.find(({ firstError }) => firstError !== undefined)?.firstError ?? "";
  throw tooManyErrors(limit, errors, rows, `; the first: ${first.replace(/[.\s]+$/u, "")}`);
}

function isShare({ maxErrors }: ErrorLimit): boolean {
  return maxErrors > 0 && maxErrors < 1;
}

/** @param rows - Those of the stage; null when it has not ended */
function tooManyErrors(
  limit: ErrorLimit,
  errors: ErrorCounts,
  rows: number | null,
  detail: string,
): FlowError {
  const { setting, maxErrors, noun, lacks, takesRetry } = limit;
  const total = errorTotal(errors);
  const of = rows === null ? "" : ` of ${rows}`;
  const isOne = (rows ?? total) === 1;
  const share = isShare(limit) ? ` (${Number((100 * maxErrors).toPrecision(6))} %)` : "";
  const asked = faultKinds.filter((kind) => kind in errors);
  const retry = takesRetry && asked.length > 0 ? ` with --retry ${asked.join(",")}` : "";
  return new FlowError(
    "TOO_MANY_ERRORS",
    `${total}${of} ${noun}${isOne ? "" : "s"} ${total === 1 ? "has" : "have"} no ${lacks}, ` +
      `more than ${setting} = ${maxErrors}${share} allows: ${errorText(errors)}${detail}. ` +
      `Every ${lacks} is kept. Mend the cause and run again${retry}, which asks only for what is missing; or raise ${setting}.`,
  );
}
