import { describe, expect, test } from "vitest";
import { roleOf, vectorSources } from "../../../src/train/variants.ts";
import { variantsOf } from "../../../src/pipeline/variants/resolve-variants.ts";
import {
  variantNames,
  type VariantSetting,
} from "../../../src/pipeline/variants/variant-setting.ts";

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
      { source: { kind: "knowledge", name: "kar" }, deal: "random" },
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
      { kind: "knowledge", name: "r4ec" },
    ]);
    expect(vectorSources(variantsOf(["base", "base+id"]))).toEqual([]);
  });
});
