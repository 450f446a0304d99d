import { describe, expect, test } from "vitest";
import { parsePipeline } from "../../../src/pipeline/load-pipeline.ts";

const openai = "{ provider: openai, model: m, sampling: { temperature: 0.5 } }";

/** What is wrong with the variants, where a chat model plays both roles. */
function faultOf(
  variants: string,
  knowledge = `{ actor: ${openai}, reflector: ${openai} }`,
): string {
  try {
    parsePipeline(`knowledge: ${knowledge}\ntrain: { variants: ${variants} }`, "p.yaml");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}

describe("variants that a run can train", () => {
  test.each([
    "[base, r4ec, r2ec, kar, base+history, base+id, base+stats, permuted, random]",
    "[{ name: llm, items: i.parquet }, { name: x, permuted: base+stats }]",
    "[{ name: llm, items: i.parquet }, { name: noise, random: llm }]",
    "[{ name: kar, knowledge: { strategy: kar, actor: { model: other } } }]",
    "[{ name: r4ec, knowledge: { rounds: 2 } }, permuted]",
    "[r4ec, { name: r3, knowledge: { rounds: 3 } }, { name: r3b, knowledge: { from: r3, reflector: { model: b } } }]",
    "[r4ec, { name: mean, encode: { pooling: mean } }, { name: more, knowledge: r4ec, encode: { maxTokens: 64 } }]",
    "[{ name: r4ec, encode: { pooling: mean } }]",
  ])("%s", (variants) => {
    expect(faultOf(variants)).toBe("");
  });
});

describe("faults of variants, each with a cure", () => {
  const needs =
    '"a" needs one of knowledge or encode (or both), items or users (or both), permuted, and random';
  test.each<readonly [string, string]>([
    ["[base, base]", 'train.variants.1: "base" is listed twice'],
    [
      "[{ name: a, items: x.parquet }, { name: a, users: x.parquet }]",
      'train.variants.1: "a" is listed twice',
    ],
    [
      "[{ name: base, items: x.parquet }]",
      'train.variants.0: "base" is built in; choose another name, or list the name without a block',
    ],
    [
      "[{ name: permuted, knowledge: { rounds: 2 } }]",
      'train.variants.0: "permuted" is built in; choose another name, or list the name without a block',
    ],
    ["[{ name: a }]", `train.variants.0: ${needs}`],
    ["[{ name: a, items: x.parquet, random: kar }]", `train.variants.0: ${needs}`],
    ["[{ name: a, items: x.parquet, knowledge: { rounds: 2 } }]", `train.variants.0: ${needs}`],
    [
      "[base, { name: a, permuted: base }]",
      'train.variants.1.permuted: "base" has no vectors of its own',
    ],
    [
      "[{ name: a, permuted: kar }, { name: b, random: a }]",
      'train.variants.1.random: "a" has no vectors of its own',
    ],
    [
      "[{ name: llm, items: x.parquet }, { name: a, random: lm }]",
      'train.variants.1.random: no variant "lm"; did you mean llm?',
    ],
    [
      "[base, { name: a, knowledge: { rounds: 2, from: rec } }]",
      'train.variants.1.knowledge: no variant "rec" has knowledge; did you mean r4ec?',
    ],
    [
      "[base, { name: a, knowledge: { from: base } }]",
      'train.variants.1.knowledge: no variant "base" has knowledge; known: r4ec, r2ec, kar, a',
    ],
    [
      "[{ name: a, knowledge: { from: b, rounds: 2 } }, { name: b, knowledge: { from: a, rounds: 3 } }]",
      "train.variants.0.knowledge: a stands on b stands on a; name one that does not",
    ],
    [
      "[r4ec, { name: a, knowledge: { strategy: iterate } }]",
      'train.variants.1: "a" and "r4ec" are the same: the same texts by the same encoder; leave out one, or change a setting of knowledge or encode',
    ],
    [
      "[r2ec, { name: a, knowledge: { strategy: reason, rounds: 3 } }]",
      'train.variants.1: "a" and "r2ec" are the same',
    ],
    ["[r4ec, { name: a, knowledge: r4ec }]", 'train.variants.1: "a" and "r4ec" are the same'],
    [
      "[base, { name: a, knowledge: { round: 2 } }]",
      "unknown setting train.variants.1.knowledge.round; did you mean train.variants.1.knowledge.rounds?",
    ],
    [
      "[base, { name: a, knowledge: { actor: { modl: x } } }]",
      "unknown setting train.variants.1.knowledge.actor.modl; did you mean train.variants.1.knowledge.actor.model?",
    ],
    [
      "[base, { name: a, knowledge: { actor: { sampling: { temperature: 3 } } } }]",
      "train.variants.1.knowledge.actor.sampling.temperature: Too big: expected number to be <=2",
    ],
    [
      "[r4ec, { name: a, encoder: other }]",
      'train.variants.1.encoder: encode.encoder has no further encoder "other"; known: ',
    ],
  ])("%s", (variants, message) => {
    expect(faultOf(variants)).toContain(`p.yaml:2: ${message}`);
  });

  test("a model for the built-in profiler, which is none", () => {
    expect(faultOf("[{ name: a, knowledge: { actor: { model: x } } }]", "{}")).toBe(
      "p.yaml:2: train.variants.0.knowledge.actor: is played by the built-in profiler, which takes no model; name a provider as well, such as openai",
    );
  });

  test("kar by the built-in profiler", () => {
    expect(faultOf("[base, kar]", "{}")).toContain("train.variants.1: kar asks for one chain");
    expect(faultOf("[base, { name: a, knowledge: { users: { strategy: kar } } }]", "{}")).toContain(
      "train.variants.1: kar asks for one chain",
    );
  });
});
