/** @file What made each variant, in words. */
import { groupBy } from "../../base/group-by.ts";
import type { PlayerFacts, RunResults, VariantFacts } from "../run-results.ts";
import { isProfiler, unknownMark } from "./variant-labels.ts";

/** A trained variant with what its vectors are made of. */
export interface VariantSentence {
  readonly variant: string;
  readonly text: string;
}

/** One sentence per trained variant that has vectors of texts or from files; controls of these and variants without need none. */
export function variantSentences({
  variants,
}: Pick<RunResults, "variants">): readonly VariantSentence[] {
  const knowledge = variants.filter(({ role }) => role === "knowledge");
  return groupBy(knowledge, ({ variant }) => [variant]).map((own) => ({
    variant: own[0]?.variant ?? "",
    text: sentenceOf(own),
  }));
}

function sentenceOf(sides: readonly VariantFacts[]): string {
  const said = sides
    .filter(({ origin }) => origin !== "none")
    .map((side) => [side.subject, madeOf(side)] as const);
  const texts = [...new Set(said.map(([, text]) => text))];
  const isBoth = sides.length === said.length && texts.length === 1;
  if (isBoth) return texts[0] ?? "";
  return said.map(([subject, text]) => `${subject}s: ${text}`).join("; ");
}

function madeOf(side: VariantFacts): string {
  if (side.origin === "unknown") return "vectors from files, origin unknown, not audited";
  const encoder = side.encoder === null ? "" : `; encoder ${side.encoder}`;
  const from = side.importedFrom === null ? "" : `, made by the run ${side.importedFrom}`;
  if (side.strategy === null) return `vectors of texts${from}${encoder}`;
  return `${strategyText(side)}, ${playersText(side)}${encoder}${from}`;
}

function strategyText({ strategy, rounds, samples }: VariantFacts): string {
  if (strategy === "iterate") return `iterate, T ${rounds ?? 0}`;
  if (strategy === "filter") return `filter, N ${samples ?? 1}`;
  return strategy ?? "";
}

function playersText({ actor, reflector }: VariantFacts): string {
  const isAlone = reflector === null || (isProfiler(actor) && isProfiler(reflector));
  if (isAlone) return isProfiler(actor) ? "by the profiler" : `by ${playerText(actor)}`;
  return `actor ${playerText(actor)}, reflector ${playerText(reflector)}`;
}

function playerText(player: PlayerFacts | null): string {
  if (player === null || isProfiler(player)) return "the profiler";
  const { model, temperature } = player;
  return `${model ?? ""}${temperature === null ? "" : ` (temperature ${temperature})`}`;
}

/** The variants whose vectors no run made, as a clause such as "llm and mine"; null where there are none. */
export function unknownVariants({ variants }: Pick<RunResults, "variants">): string | null {
  const names = variants
    .filter(({ origin, role }) => origin === "unknown" && role !== "texts")
    .map(({ variant }) =>
      variant.endsWith(unknownMark) ? variant.slice(0, -unknownMark.length) : variant,
    );
  const distinct = [...new Set(names)];
  return distinct.length === 0 ? null : distinct.join(" and ");
}

/** How the texts of a run come to be, one sentence per strategy that ran. */
export function strategySentences({ variants }: Pick<RunResults, "variants">): readonly string[] {
  const ran = new Set(
    variants.flatMap(({ origin, strategy }) => (origin === "knowledge" ? [strategy] : [])),
  );
  return Object.entries(strategies).flatMap(([strategy, text]) => (ran.has(strategy) ? text : []));
}

const strategies: Readonly<Record<string, string>> = {
  reason: "Strategy reason: the actor’s first text is encoded as it is.",
  kar: "Strategy kar: one answer by chain of thought is encoded as it is.",
  iterate:
    "Strategy iterate: a reflector judges the first text; while it finds fault and rounds are left, the actor refines the text by what the reflector said.",
  filter:
    "Strategy filter: the actor writes several texts, a reflector judges each; the vectors of those judged reasonable are averaged, or of all where none is.",
};
