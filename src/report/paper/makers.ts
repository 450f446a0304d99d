/** @file What made the vectors of a variant, as far as a comparison with the paper needs it. */
import { groupBy } from "../../base/group-by.ts";
import type { VariantFacts } from "../run-results.ts";

/** What made a variant's vectors, users' and items' together. */
export interface Maker {
  readonly variant: string;
  readonly role: string;
  /** iterate, reason, filter or kar; null where it is no knowledge, unknown, or not the same for users and items. */
  readonly strategy: string | null;
  readonly rounds: number | null;
  readonly samples: number | null;
  readonly actorModel: string | null;
  readonly reflectorModel: string | null;
  readonly encoder: string | null;
  /** Whether the built-in profiler wrote any of its texts. */
  readonly isProfiler: boolean;
  /** Whether users and items both have vectors, made in the same way. */
  readonly isWhole: boolean;
}

/** What made every trained variant of a run. */
export function makersOf(variants: readonly VariantFacts[]): readonly Maker[] {
  const trained = variants.filter(({ role }) => role !== "texts");
  return groupBy(trained, ({ variant }) => [variant]).map((sides) => {
    const one = sides.find(({ strategy }) => strategy !== null);
    const { variant = "", role = "" } = sides[0] ?? {};
    return {
      ...{ variant, role },
      strategy: one?.strategy ?? null,
      rounds: one?.rounds ?? null,
      samples: one?.samples ?? null,
      actorModel: one?.actor?.model ?? null,
      reflectorModel: one?.reflector?.model ?? null,
      encoder: one?.encoder ?? null,
      isProfiler: sides.some(({ actor }) => actor?.provider === "profiler"),
      isWhole: sides.length === 2 && new Set(sides.map(howMade)).size === 1,
    };
  });
}

function howMade({ subject: _subject, origin: _origin, ...how }: VariantFacts): string {
  return JSON.stringify(how);
}

/** A strategy in words: "iterate, T = 1". */
export function strategyOf({ strategy, rounds, samples }: Maker): string {
  switch (strategy) {
    case "iterate":
      return `iterate, T = ${rounds ?? "?"}`;
    case "filter":
      return `filter, N = ${samples ?? "?"}`;
    case "reason":
      return "one pass";
    case "kar":
      return "one chain of thought";
    default:
      return "origin unknown";
  }
}
