import { describe, expect, test } from "vitest";
import {
  roleOf,
  variantFaults,
  variantNames,
  variantsOf,
  vectorSources,
  type VariantSetting,
} from "../../src/train/variants.ts";

const files = { kind: "files", name: "llm", items: "i.parquet", users: undefined } as const;
const llm = { name: "llm", items: "i.parquet" };

describe("variantsOf", () => {
  test("says what each built-in variant is given", () => {
    const given = variantsOf(variantNames).map(({ name, vectors, ...rest }) => [
      name,
      vectors && `${vectors.deal} ${vectors.source.name}`,
      ...Object.values(rest),
    ]);
    expect(given).toEqual([
      ["base", null, false, false],
      ["r4ec", "own r4ec", false, false],
      ["r2ec", "own r2ec", false, false],
      ["kar", "own kar", false, false],
      ["base+history", null, true, false],
      ["base+id", null, false, true],
      ["base+stats", "own base+stats", false, false],
      ["permuted", "permuted r4ec", false, false],
      ["random", "random r4ec", false, false],
    ]);
  });

  test("takes vectors from files, and deals those of any other variant anew", () => {
    const variants = variantsOf([
      llm,
      { name: "a", permuted: "llm" },
      { name: "b", random: "kar" },
    ]);
    expect(variants.map(({ vectors }) => vectors)).toEqual([
      { source: files, deal: "own" },
      { source: files, deal: "permuted" },
      { source: { kind: "strategy", name: "kar", strategy: "kar", encoder: null }, deal: "random" },
    ]);
  });

  test.each<[readonly VariantSetting[], string]>([
    [["base", "permuted"], "r4ec"],
    [["permuted", "kar", "r4ec"], "r4ec"],
    [["base+stats", "permuted", "kar", "r2ec"], "kar"],
    [["permuted", llm, "kar"], "llm"],
  ])("in %j permuted deals the vectors of %s", (settings, of) => {
    const permuted = variantsOf(settings).find(({ name }) => name === "permuted");
    expect(permuted?.vectors?.source.name).toBe(of);
  });
});

describe("roleOf", () => {
  test("tells base, controls and knowledge apart, those with names of their own too", () => {
    const all = variantsOf([...variantNames, llm, { name: "noise", random: "llm" }]);
    const named = (role: string): readonly string[] =>
      all.filter((variant) => roleOf(variant) === role).map(({ name }) => name);
    expect(named("base")).toEqual(["base"]);
    expect(named("knowledge")).toEqual(["r4ec", "r2ec", "kar", "llm"]);
    expect(named("control")).toEqual([
      ...["base+history", "base+id", "base+stats", "permuted", "random", "noise"],
    ]);
  });
});

describe("vectorSources", () => {
  test("names each source once, those of controls alone too", () => {
    const settings = ["base", "permuted", "random", llm, { name: "noise", random: "llm" }] as const;
    expect(vectorSources(variantsOf(settings))).toEqual([files]);
    expect(vectorSources(variantsOf(["base", "permuted"]))).toEqual([
      { kind: "strategy", name: "r4ec", strategy: "r4ec", encoder: null },
    ]);
    expect(vectorSources(variantsOf(["base", "base+id"]))).toEqual([]);
  });
});

describe("variantFaults", () => {
  test("finds none in what can be trained", () => {
    expect(variantFaults([...variantNames, llm, { name: "x", permuted: "base+stats" }])).toEqual(
      [],
    );
  });

  test.each<[readonly VariantSetting[], object]>([
    [["base", "base"], { place: 1, key: null, message: '"base" is listed twice' }],
    [[llm, llm], { place: 1, message: '"llm" is listed twice' }],
    [
      [{ ...llm, name: "r4ec" }],
      { message: expect.stringMatching(/^"r4ec" is built in; /) as string },
    ],
    [
      [{ name: "a" }],
      {
        message:
          '"a" needs items or users (or both), or knowledge and encoder, or permuted, or random',
      },
    ],
    [
      [{ ...llm, random: "kar" }],
      { message: expect.stringMatching(/^"llm" needs items or /) as string },
    ],
    [
      ["base", { name: "a", permuted: "base" }],
      { place: 1, key: "permuted", message: '"base" has no vectors of its own' },
    ],
    [
      [
        { name: "a", permuted: "kar" },
        { name: "b", random: "a" },
      ],
      { place: 1, key: "random", message: '"a" has no vectors of its own' },
    ],
    [
      [llm, { name: "a", random: "lm" }],
      {
        key: "random",
        message: 'no variant "lm"',
        unknown: { name: "lm", known: ["llm", "r4ec", "r2ec", "kar", "base+stats"] },
      },
    ],
  ])("%j", (settings, fault) => {
    expect(variantFaults(settings)).toEqual([expect.objectContaining(fault)]);
  });
});
