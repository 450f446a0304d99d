import { errorsIn, errorText, errorTotal, type Outcome } from "../../flow/outcomes.ts";
import type { FileRef } from "../../flow/task.ts";
import { tooManyErrors, type WatchedRole } from "./answer-watch.ts";
import { roleFailure } from "./role-failure.ts";

/** What a stage that asks models must hold to. */
export interface OutcomeRules {
  readonly maxErrors: number | undefined;
  /** The role that made the rows of a part; `maker` as in its outcomes. */
  readonly roleOf: (part: FileRef, maker: string) => WatchedRole;
}

/**
 * Refuses the parts of a finished stage when a role has no usable answer at all, or when more prompts than allowed have none.
 *
 * @throws FlowError `PROVIDER_FAILED` or `TOO_MANY_ERRORS`
 */
export function checkOutcomes(
  parts: readonly FileRef[],
  { maxErrors, roleOf }: OutcomeRules,
): void {
  for (const part of parts) {
    for (const maker of Object.keys(part.outcomes ?? {})) {
      const own = parts.filter(({ table, rows }) => table === part.table && rows > 0);
      const ends = own.map(({ outcomes }) => (outcomes === undefined ? "fine" : outcomes[maker]));
      const failed = ends.flatMap((outcome) => (typeof outcome === "object" ? outcome : []));
      const isFailed = !ends.includes("fine") && failed.every((outcome) => okOf(outcome) === 0);
      if (!isFailed) continue;
      const kinds = errorsIn(failed.map((outcome) => ({ outcomes: { [maker]: outcome } })));
      const firstError = failed[0]?.firstError ?? "no reason given";
      throw roleFailure(
        { ...roleOf(part, maker), kinds, firstError },
        `its ${errorTotal(kinds)} prompts`,
      );
    }
  }
  const errors = errorsIn(parts);
  const total = errorTotal(errors);
  if (maxErrors !== undefined && total > maxErrors) {
    throw tooManyErrors(total, maxErrors, `in all: ${errorText(errors)}`);
  }
}

function okOf({ ends }: Outcome): number {
  return ends["ok"] ?? 0;
}
