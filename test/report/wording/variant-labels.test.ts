import { describe, expect, test } from "vitest";
import type { PlayerFacts, VariantFacts } from "../../../src/report/run-results.ts";
import { variantLabels } from "../../../src/report/wording/variant-labels.ts";
import {
  strategySentences,
  unknownVariants,
  variantSentences,
} from "../../../src/report/wording/variant-sentences.ts";

const profiler: PlayerFacts = { provider: "profiler", model: null, temperature: null };
const model = (name: string, temperature = 0): PlayerFacts => ({
  ...{ provider: "openai", model: name, temperature },
});

const side = (variant: string, subject: "user" | "item", more: Partial<VariantFacts> = {}) => ({
  ...{ variant, subject, role: "knowledge" as const, origin: "knowledge" as const },
  ...{ vectorsOf: variant, deal: "own", textsOf: variant, importedFrom: null },
  ...{ strategy: "iterate", rounds: 1, samples: null },
  ...{ actor: model("a"), reflector: model("r"), encoder: "bge-m3", protocol: "leakfree" },
  ...more,
});

const both = (variant: string, more: Partial<VariantFacts> = {}): readonly VariantFacts[] => [
  side(variant, "user", more),
  side(variant, "item", more),
];

const none = { origin: "none", strategy: null, actor: null, reflector: null } as const;

describe("variantLabels", () => {
  test.each<[string, Partial<VariantFacts>, string]>([
    ["r4ec", {}, "R4ec"],
    ["r4ec@bert-base", {}, "R4ec, bert-base"],
    ["r4ec", { strategy: "filter" }, "R4ec, filter"],
    ["r4ec", { strategy: "reason" }, "R2ec"],
    ["r4ec", { strategy: "kar" }, "KAR"],
    ["r2ec", { strategy: "reason" }, "R2ec"],
    ["kar", { strategy: "kar" }, "KAR"],
    ["kar", { strategy: "iterate" }, "kar"],
    ["three-rounds", { rounds: 3 }, "three-rounds"],
    ["r4ec", { actor: profiler, reflector: profiler }, "Profiler"],
    ["r4ec@bert-base", { actor: profiler }, "Profiler, bert-base"],
    ["r2ec", { actor: profiler, strategy: "reason" }, "Profiler, reason"],
    ["three-rounds", { actor: profiler }, "three-rounds (profiler)"],
    ["llm", { origin: "unknown", strategy: null, actor: null }, "llm (origin unknown)"],
    ["r4ec", { origin: "run", importedFrom: "other" }, "R4ec"],
    ["permuted", { role: "control", actor: profiler }, "Permuted"],
    ["base", { ...none, role: "base" }, "Base"],
    ["base+stats", { origin: "statistics", role: "control" }, "Base + statistics"],
  ])("%s, %j: %s", (variant, more, label) => {
    expect(variantLabels(both(variant, more))(variant)).toBe(label);
  });

  test("tells variants apart whose settings say the same", () => {
    const labelOf = variantLabels([
      ...both("r2ec", { strategy: "reason" }),
      ...both("r4ec", { strategy: "reason", actor: model("b") }),
    ]);
    expect([labelOf("r2ec"), labelOf("r4ec")]).toEqual(["R2ec", "R2ec (r4ec)"]);
  });

  test("calls variants of runs that do not say what made them by their names", () => {
    const labelOf = variantLabels([]);
    expect(["base", "r4ec", "kar@x", "mine"].map(labelOf)).toEqual([
      "Base",
      "R4ec",
      "KAR, x",
      "mine",
    ]);
  });
});

describe("variantSentences", () => {
  const sentence = (...sides: readonly VariantFacts[]): string =>
    variantSentences({ variants: sides })
      .map(({ text }) => text)
      .join("\n");

  test.each<[Partial<VariantFacts>, string]>([
    [{}, "iterate, T 1, actor a (temperature 0), reflector r (temperature 0); encoder bge-m3"],
    [
      { strategy: "filter", rounds: null, samples: 3, actor: model("a", 0.7) },
      "filter, N 3, actor a (temperature 0.7), reflector r (temperature 0); encoder bge-m3",
    ],
    [
      { strategy: "kar", rounds: null, reflector: null },
      "kar, by a (temperature 0); encoder bge-m3",
    ],
    [{ actor: profiler, reflector: profiler }, "iterate, T 1, by the profiler; encoder bge-m3"],
    [
      { actor: profiler },
      "iterate, T 1, actor the profiler, reflector r (temperature 0); encoder bge-m3",
    ],
    [
      { origin: "run", importedFrom: "other", strategy: "reason", reflector: null },
      "reason, by a (temperature 0); encoder bge-m3, made by the run other",
    ],
    [
      { origin: "unknown", strategy: null, actor: null },
      "vectors from files, origin unknown, not audited",
    ],
  ])("%j", (more, text) => {
    expect(sentence(...both("x", more))).toBe(text);
  });

  test("names the sides where they differ, or where one is missing", () => {
    expect(sentence(side("x", "user", { actor: model("u") }), side("x", "item"))).toMatch(
      /^users: iterate, T 1, actor u .*; items: iterate, T 1, actor a /,
    );
    expect(sentence(side("x", "user", none), side("x", "item"))).toMatch(/^items: iterate, T 1/);
  });

  test("leaves out controls, Base and what is not trained", () => {
    const roles = ["base", "control", "texts"] as const;
    expect(sentence(...roles.flatMap((role) => both(role, { role })))).toBe("");
  });
});

test("unknownVariants names trained variants whose vectors no run made", () => {
  expect(unknownVariants({ variants: both("x") })).toBeNull();
  const unknown = { origin: "unknown" } as const;
  const variants = [...both("llm (origin unknown)", unknown), side("mine", "item", unknown)];
  expect(unknownVariants({ variants })).toBe("llm and mine");
});

test("strategySentences describes the strategies that ran in this run, and no other", () => {
  const said = strategySentences({
    variants: [
      ...both("a", { strategy: "reason" }),
      ...both("b", { strategy: "filter", origin: "run" }),
      ...both("c", none),
    ],
  });
  expect(said).toEqual(["Strategy reason: the actor’s first text is encoded as it is."]);
});
