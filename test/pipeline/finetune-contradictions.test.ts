import { describe, expect, test } from "vitest";
import { parsePipeline } from "../../src/pipeline/load-pipeline.ts";

const teacher = "construct: { teacher: { provider: openai, model: m } }";
const finetune = "finetune: { base: tiny.gguf }";
const own = "{ provider: gguf, model: tiny.gguf, adapter: finetuned }";
const parse = (...lines: string[]) => parsePipeline(lines.join("\n"), "p.yaml");

describe("settings of fine-tuning", () => {
  test("have the paper's values, and an absolute path of the base", () => {
    const { finetune: settings } = parse(teacher, finetune);
    expect(settings).toMatchObject({
      lora: { rank: 8, alpha: 16, dropout: 0.05 },
      ...{ epochs: 3, learningRate: 1e-4, schedule: "cosine", warmup: 0.1, batchSize: 16 },
      ...{ maxTokens: 2048, reasonOnly: false, base: `${process.cwd()}/tiny.gguf` },
    });
    expect(settings?.lora.targets).toHaveLength(7);
  });

  test("are refused without a teacher, with the block that is missing", () => {
    expect(() => parse(finetune)).toThrow(
      "p.yaml:1: finetune: fine-tuning learns what a teacher wrote: add a construct block, such as construct: { teacher: { provider: openai, model: NAME } }",
    );
  });

  test("a role cannot have an adapter that the run does not train", () => {
    const cure =
      "finetuned means an adapter that this run trains, and it trains none: add a finetune block, such as finetune: { base: PATH }, or name the path of an adapter";
    expect(() => parse("knowledge:", `  actor: ${own}`)).toThrow(
      `p.yaml:2: knowledge.actor.adapter: ${cure}`,
    );
    expect(() => parse("knowledge:", "  items:", `    reflector: ${own}`)).toThrow(
      `knowledge.items.reflector.adapter: ${cure}`,
    );
  });

  test("reflectors are trained only where reasonOnly is off, and missed only where they are asked", () => {
    const reasonOnly = "finetune: { base: tiny.gguf, reasonOnly: true }";
    const knowledge = (strategy: string): string =>
      `knowledge: { strategy: ${strategy}, actor: ${own}, reflector: ${own} }`;
    expect(() => parse(teacher, reasonOnly, knowledge("iterate"))).toThrow(
      "knowledge.reflector.adapter: finetune.reasonOnly trains no reflectors",
    );
    expect(() => parse(teacher, reasonOnly, knowledge("reason"))).not.toThrow();
    expect(() => parse(teacher, finetune, knowledge("iterate"))).not.toThrow();
  });

  test("a teacher cannot have one of the adapters that are trained on its texts", () => {
    expect(() => parse(`construct: { teacher: ${own} }`, finetune)).toThrow(
      "construct.teacher.adapter: the run's adapters are trained on what the teacher writes",
    );
  });

  test("variants are held to the same", () => {
    const variants = (...more: string[]) =>
      parse(...more, `train: { variants: [base, { name: tuned, knowledge: { actor: ${own} } }] }`);
    expect(() => variants()).toThrow("p.yaml: variant tuned: knowledge.actor.adapter: finetuned");
    expect(() => variants(teacher, finetune)).not.toThrow();
  });
});
