/** @file The reflector's text: printed for people, read back by the actor that refines. */

import type { Grammar } from "./claims.ts";
import { quoted, sentenceEnd } from "./pattern.ts";
import { faults, type Objection } from "./rules.ts";

const opening = new RegExp(`(?<fault>${faults.join("|")}) \\((?<because>[^()]*)\\): `, "uy");
const excerptLength = 80;

/**
 * Objections as sentences, the claim in the words of the text itself:
 * `Contradicted (3 liked, 4 disliked): This viewer enjoys Drama films.`
 */
export function printReflection<Kind extends string>(
  objections: readonly Objection<Kind>[],
  unread: readonly string[],
  grammar: Grammar<Kind>,
): string {
  return [
    ...objections.map(
      ({ fault, because, claim }) => `${fault} (${because}): ${grammar.print([claim])}`,
    ),
    ...unread.map((text) => `Not checkable: ${quoted(text.slice(0, excerptLength))}.`),
  ].join(" ");
}

/** The objections in a reflection; whatever else it says is passed over. */
export function parseReflection<Kind extends string>(
  text: string,
  grammar: Grammar<Kind>,
): readonly Objection<Kind>[] {
  const objections: Objection<Kind>[] = [];
  for (let at = 0; at < text.length;) {
    opening.lastIndex = at;
    const head = opening.exec(text)?.groups;
    const fault = faults.find((name) => name === head?.["fault"]);
    const body = fault === undefined ? undefined : grammar.match(text, opening.lastIndex);
    if (fault !== undefined && body !== undefined) {
      const because = head?.["because"] ?? "";
      objections.push(...body.claims.map((claim) => ({ fault, because, claim })));
    }
    at = body?.end ?? sentenceEnd(text, at);
    while (at < text.length && /\s/u.test(text.charAt(at))) at += 1;
  }
  return objections;
}
