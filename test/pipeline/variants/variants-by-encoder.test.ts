import { describe, expect, test } from "vitest";
import { parsePipeline } from "../../../src/pipeline/load-pipeline.ts";
import { stagesOf } from "../../../src/pipeline/stages.ts";
import { variantsByEncoder } from "../../../src/pipeline/variants/variants-by-encoder.ts";

const remote = "openai:org/m@http://127.0.0.1:1/v1";
const parse = (...lines: readonly string[]) => parsePipeline(lines.join("\n"), "p.yaml");

describe("variantsByEncoder", () => {
  test("leaves the variants of one encoder as they are", () => {
    const { train, encode, resolved } = parse("train: { variants: [base, r4ec, permuted] }");
    expect(variantsByEncoder(train.variants, encode)).toEqual(train.variants);
    expect(resolved.variants.map(({ name }) => name)).toEqual(train.variants);
  });

  test("adds a variant for each knowledge variant and further encoder, once", () => {
    const { train, encode, resolved } = parse(
      `encode: { encoder: [bundled, "${remote}"] }`,
      "train: { variants: [base, r4ec, r2ec, permuted] }",
    );
    const expected = [
      ...["base", "r4ec", { name: "r4ec@m", knowledge: "r4ec", encoder: "m" }],
      ...["r2ec", { name: "r2ec@m", knowledge: "r2ec", encoder: "m" }, "permuted"],
    ];
    const once = variantsByEncoder(train.variants, encode);
    expect(once).toEqual(expected);
    expect(variantsByEncoder(once, encode)).toEqual(expected);
    expect(resolved.variants.map(({ name }) => name)).toEqual(
      expected.map((one) => (typeof one === "string" ? one : one.name)),
    );
  });
});

describe("stagesOf with several encoders", () => {
  test("encodes the same knowledge by each, in stages of their own", async () => {
    const stages = await stagesOf(
      parse(
        `encode: { encoder: [bundled, "${remote}"] }`,
        "knowledge: { tiers: { activeFrom: 5 } }",
        'train: { variants: [base, r4ec, { name: wrong, permuted: "r4ec@m" }] }',
      ),
    );
    const made = stages
      .map(({ def }) => def)
      .filter(({ name }) => /^(knowledge|encode|approximate)/.test(name));
    expect(
      made.map(({ name, sources, outputs, threads }) => ({ name, sources, outputs, threads })),
    ).toMatchObject([
      { name: "knowledge" },
      { name: "encode", sources: ["knowledge"], outputs: ["user_embeddings", "item_embeddings"] },
      { name: "approximate", sources: ["tiers", "contexts", "encode"] },
      {
        name: "encode-r4ec@m",
        sources: ["knowledge"],
        outputs: ["user_embeddings", "item_embeddings", "requests"],
        threads: "waiting",
      },
      { name: "approximate-r4ec@m", sources: ["tiers", "contexts", "encode-r4ec@m"] },
    ]);
  });

  test("gives a task another key when what is asked for changes, not when where or how it is asked does", async () => {
    const configOf = async (remoteBlock: string): Promise<unknown> => {
      const settings = parse(`encode: { encoder: "${remote}", remote: ${remoteBlock} }`);
      return (await stagesOf(settings)).find(({ def }) => def.name === "encode")?.def.config;
    };
    const plain = await configOf("{}");
    expect(await configOf("{ textsPerRequest: 3, limits: { inFlight: 2 }, apiKeyEnv: K }")).toEqual(
      plain,
    );
    expect(await configOf("{ dimensions: 8 }")).not.toEqual(plain);
  });
});

describe("faults of several encoders", () => {
  test.each([
    [
      ["encode: { encoder: [bundled, bundled] }"],
      'p.yaml:1: encode.encoder: "bundled" is there twice',
    ],
    [
      ["encode: { encoder: [bundled, nothing] }"],
      /p\.yaml:1: encode\.encoder: there is no encoder "nothing"/,
    ],
    [
      [
        `encode: { encoder: [bundled, "${remote}"] }`,
        "train: { variants: [r4ec, { name: x, knowledge: r4ec, encoder: n }] }",
      ],
      /p\.yaml:2: train\.variants\.1\.encoder: encode.encoder has no further encoder "n"; .*m/,
    ],
    [
      ["train: { variants: [r4ec, { name: x, knowledge: r4ec }] }"],
      /p\.yaml:1: train\.variants\.1: "x" and "r4ec" are the same: /,
    ],
  ])("%j", (lines, message) => {
    expect(() => parse(...lines)).toThrow(message);
  });
});
