import { expect, test } from "vitest";
import { makersOf, strategyOf } from "../../../src/report/paper/makers.ts";
import type { PlayerFacts, VariantFacts } from "../../../src/report/run-results.ts";

const model = (name: string): PlayerFacts => ({ provider: "openai", model: name, temperature: 0 });
const profiler: PlayerFacts = { provider: "profiler", model: null, temperature: null };

const side = (
  variant: string,
  subject: "user" | "item",
  more: Partial<VariantFacts> = {},
): VariantFacts => ({
  ...{ variant, subject, role: "knowledge", origin: "knowledge", vectorsOf: variant },
  ...{ deal: "own", textsOf: variant, importedFrom: null, strategy: null, rounds: null },
  ...{ samples: null, actor: null, reflector: null, encoder: null, protocol: "leakfree", ...more },
});

test("says how each trained variant was made, users and items together", () => {
  const base = { role: "base", origin: "none" } as const;
  const by = { actor: model("m-7B"), reflector: model("m-7B"), encoder: "bge-m3" };
  const filter = { ...by, strategy: "filter", samples: 3, reflector: model("n-72B") };
  const iterate = { ...by, strategy: "iterate" };
  const makers = makersOf([
    ...[side("base", "item", base), side("base", "user", base)],
    ...[side("filter", "item", filter), side("filter", "user", filter)],
    side("half", "item", { ...iterate, rounds: 1 }),
    side("half", "user", { ...iterate, rounds: 1, actor: profiler, reflector: null }),
    side("items", "item", { ...iterate, rounds: 2, origin: "run" }),
    side("items", "user", { origin: "none" }),
    side("others", "item", { ...by, strategy: "reason", role: "texts" }),
  ]);
  const told = makers.map((maker) => [
    ...[maker.variant, strategyOf(maker), maker.reflectorModel],
    ...[maker.isWhole, maker.isProfiler],
  ]);
  expect(told).toEqual([
    ["base", "origin unknown", null, true, false],
    ["filter", "filter, N = 3", "n-72B", true, false],
    ["half", "iterate, T = 1", "m-7B", false, true],
    ["items", "iterate, T = 2", "m-7B", false, false],
  ]);
});
