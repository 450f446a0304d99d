import { formatCount } from "../../page/format-number.ts";
import type { KnowledgeErrors } from "../run-results.ts";
import { displayName } from "./display-names.ts";

/** Which prompts of a run's knowledge have no usable answer, by role; null when all have one. */
export function missingAnswersSentence(errors: readonly KnowledgeErrors[]): string | null {
  if (errors.length === 0) return null;
  const isOne = new Set(errors.map(({ variant }) => variant)).size === 1;
  const roles = new Map<string, KnowledgeErrors[]>();
  for (const error of errors) {
    const whose = isOne ? "" : ` for ${displayName(error.variant)}`;
    const name = `the ${error.role} about ${error.subject}s${whose}`;
    roles.set(name, [...(roles.get(name) ?? []), error]);
  }
  const said = [...roles].map(([name, own]) => {
    const rows = own.reduce((sum, error) => sum + error.rows, 0);
    const kinds = own.map((error) => `${error.kind} ${formatCount(error.rows)}`).join(", ");
    return `${formatCount(rows)} of ${formatCount(own[0]?.prompts ?? 0)} by ${name} (${kinds})`;
  });
  const isAskedAgain = errors.some(({ kind }) => kind !== "other");
  const next = isAskedAgain ? " Running again asks them again." : "";
  return `Prompts without a usable answer: ${said.join("; ")}.${next}`;
}
