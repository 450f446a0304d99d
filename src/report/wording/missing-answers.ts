import { faultKinds } from "../../base/retry-policy.ts";
import { formatCount } from "../../page/format-number.ts";
import type { KnowledgeErrors } from "../run-results.ts";

/** Which prompts of a run have no usable answer, and which texts no vector, by role; null when all have. */
export function missingAnswersSentence(errors: readonly KnowledgeErrors[]): string | null {
  if (errors.length === 0) return null;
  const [texts, prompts] = [true, false].map((isText) =>
    byRole(errors.filter(({ role }) => (role === "encoder") === isText)),
  );
  const kinds = faultKinds.filter((each) => errors.some(({ kind }) => kind === each));
  return [
    ...(prompts === "" ? [] : [`Prompts without a usable answer: ${prompts}.`]),
    ...(texts === ""
      ? []
      : [`Texts without a vector: ${texts}. Whoever has no vector at all is trained with zeros.`]),
    ...(kinds.length === 0 ? [] : [`Running again with --retry ${kinds.join(",")} asks again.`]),
  ].join(" ");
}

function byRole(errors: readonly KnowledgeErrors[]): string {
  const variants = new Set(errors.flatMap(({ variant }) => variant ?? []));
  const roles = new Map<string, KnowledgeErrors[]>();
  for (const error of errors) {
    const { variant } = error;
    const whose = variant === null || variants.size === 1 ? "" : ` for ${variant}`;
    const name = `the ${error.role} about ${error.subject}s${whose}`;
    roles.set(name, [...(roles.get(name) ?? []), error]);
  }
  const said = [...roles].map(([name, own]) => {
    const rows = own.reduce((sum, error) => sum + error.rows, 0);
    const kinds = own.map((error) => `${error.kind} ${formatCount(error.rows)}`).join(", ");
    return `${formatCount(rows)} of ${formatCount(own[0]?.prompts ?? 0)} by ${name} (${kinds})`;
  });
  return said.join("; ");
}
