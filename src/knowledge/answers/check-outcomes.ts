import { refuseTooManyErrors } from "../../flow/error-limit.ts";
import { errorsIn, errorTotal, type Outcome } from "../../flow/outcomes.ts";
import type { FileRef } from "../../flow/task.ts";
import type { KnowledgeSettings } from "../settings.ts";
import { answerLimit } from "./answer-limit.ts";
import type { WatchedRole } from "./answer-watch.ts";
import { roleFailure } from "./role-failure.ts";

/** What a stage that asks models must hold to. */
export interface OutcomeRules {
  readonly knowledge: Pick<KnowledgeSettings, "maxErrors">;
  /** Tables with a row per prompt. */
  readonly tables: readonly string[];
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
  { knowledge, tables, roleOf }: OutcomeRules,
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
  refuseTooManyErrors(parts, answerLimit(knowledge), tables);
}

function okOf({ ends }: Outcome): number {
  return ends["ok"] ?? 0;
}
