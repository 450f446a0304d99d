/** @file What variants are called: by what made their vectors, so that no name says more than is true. */
import { groupBy } from "../../base/group-by.ts";
import type { PlayerFacts, VariantFacts } from "../run-results.ts";

const names: Readonly<Record<string, string>> = {
  base: "Base",
  "base+history": "Base + long history",
  "base+id": "Base + user id",
  "base+stats": "Base + statistics",
  permuted: "Permuted",
  random: "Random",
};

/** Knowledge that a pipeline names without a block, by the strategy that the literature means by it. */
const published: Readonly<Record<string, readonly [label: string, strategy: string]>> = {
  r4ec: ["R4ec", "iterate"],
  r2ec: ["R2ec", "reason"],
  kar: ["KAR", "kar"],
};

/** Ends the label of a variant whose vectors no run made. */
export const unknownMark = " (origin unknown)";

/**
 * The label of each variant. R4ec, R2ec and KAR are those of the literature only where a language model wrote by that strategy; what the
 * built-in profiler wrote is called Profiler; vectors that no run made are of unknown origin. A variant with another encoder,
 * `r4ec@bert-base`, becomes "R4ec, bert-base".
 *
 * @param variants - Empty for runs of versions that did not write down what made them
 */
export function variantLabels(variants: readonly VariantFacts[]): (variant: string) => string {
  const facts = new Map(
    groupBy(variants, ({ variant }) => [variant]).map((own) => [own[0]?.variant ?? "", own]),
  );
  const labels = new Map<string, string>();
  for (const name of facts.keys()) {
    const wanted = labelOf(name, facts.get(name) ?? []);
    const isTaken = [...labels.values()].includes(wanted);
    labels.set(name, isTaken ? `${wanted} (${name})` : wanted);
  }
  return (variant) => labels.get(variant) ?? plainLabel(variant);
}

/** What a name alone says. */
function plainLabel(name: string): string {
  const [variant = "", ...encoder] = name.split("@");
  const known = names[variant] ?? published[variant]?.[0] ?? variant;
  return [known, ...encoder].join(", ");
}

function labelOf(name: string, facts: readonly VariantFacts[]): string {
  const made = facts.filter(({ origin }) => origin !== "none");
  if (facts.some(({ role }) => role === "base" || role === "control")) return plainLabel(name);
  if (made.some(({ origin }) => origin === "unknown")) return name + unknownMark;
  const [variant = "", ...encoder] = name.split("@");
  const strategies = [...new Set(made.map(({ strategy }) => strategy))];
  if (made.length > 0 && made.every(({ actor }) => isProfiler(actor))) {
    const own = variant in published ? profilerLabel(variant, strategies) : `${variant} (profiler)`;
    return [own, ...encoder].join(", ");
  }
  const [label, strategy] = published[variant] ?? [variant, null];
  const isAsPublished =
    strategy === null || (strategies.length === 1 && strategies[0] === strategy);
  return [isAsPublished ? label : otherLabel(variant, strategies), ...encoder].join(", ");
}

function profilerLabel(variant: string, strategies: readonly (string | null)[]): string {
  return variant === "r4ec" ? "Profiler" : `Profiler, ${strategies.join(" and ")}`;
}

/** The run's own knowledge by another strategy than that of its name. */
function otherLabel(variant: string, strategies: readonly (string | null)[]): string {
  const [strategy, ...others] = strategies;
  if (variant !== "r4ec" || others.length > 0 || strategy === undefined || strategy === null) {
    return variant;
  }
  if (strategy === "filter") return "R4ec, filter";
  const label = Object.values(published).find(([, its]) => its === strategy)?.[0];
  return label ?? variant;
}

export function isProfiler(player: PlayerFacts | null): boolean {
  return player?.provider === "profiler";
}
