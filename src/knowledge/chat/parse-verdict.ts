import { answerText, findPart } from "./answer-text.ts";

/** A teacher's verdict on a target. */
export type Verdict = "like" | "dislike";

/** Comparisons with "like" are no verdicts: "films like this", "it looks like". */
const comparison =
  /\b(?:films?|movies?|books?|novels?|items?|things?|something|anything|looks?|seems?|feels?|sounds?|stories|titles?|ones?|much|just|more) like\b|\blike (?:this|that|these|those) (?:film|movie|book|novel|item|one)s? (?:is|are)\b/giu;
const enjoying = "(?:like|enjoy|love|appreciate)(?:s|d|ed)?";
const negative = new RegExp(
  `\\b(?:not|never|no|hardly|cannot|(?:\\w+n['’]t))\\b(?:\\s+\\w+){0,3}?\\s+${enjoying}\\b|` +
    `\\b(?:unlikely|not\\s+likely|not\\s+expected)\\s+to\\s+(?:\\w+\\s+)?${enjoying}\\b|` +
    "\\bdis[ -]?lik(?:e|es|ed|ing)\\b|\\bhat(?:e|es|ed)\\b",
  "giu",
);
const positive = new RegExp(`\\b${enjoying}\\b`, "iu");

/**
 * The verdict in an answer: in its tag, its JSON field or its labelled line, else in the whole of it. Denials are taken out
 * before anything affirmative is looked for ("will not like").
 *
 * @returns null when there is none, both, or parts that disagree
 */
export function parseVerdict(text: string): Verdict | null {
  const said = answerText(text);
  const parts = findPart(said, "verdict");
  return agreed((parts.length === 0 ? [said] : parts.map(({ value }) => value)).map(readVerdict));
}

/** The value that all agree on; null when they differ or there are none. */
export function agreed<T>(values: readonly (T | null)[]): T | null {
  const [first = null, ...others] = values;
  return others.every((value) => value === first) ? first : null;
}

function readVerdict(value: string): Verdict | null {
  const isWord = /^\W*(?:(yes)|(no))\W*$/iu.exec(value);
  if (isWord !== null) return isWord[1] === undefined ? "dislike" : "like";
  const plain = value.replace(comparison, " ");
  const affirmed = plain.replace(negative, " ");
  const isNegative = affirmed !== plain;
  const isPositive = positive.test(affirmed);
  if (isNegative === isPositive) return null;
  return isNegative ? "dislike" : "like";
}
