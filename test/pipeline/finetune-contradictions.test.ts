import { describe, expect, test } from "vitest";
import { sideSettings } from "../../src/knowledge/settings.ts";
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

describe("settings of a training elsewhere", () => {
  const elsewhere = (more = ""): string =>
    `finetune: { base: org/base-7B, elsewhere: trl${more === "" ? "" : `, ${more}`} }`;
  const served = "{ provider: openai, model: finetuned }";
  const knowledge = (actor: string, reflector = "{ provider: profiler }"): string =>
    `knowledge: { actor: ${actor}, reflector: ${reflector} }`;
  const played = (...lines: string[]) =>
    parse(teacher, ...lines).resolved.played.map(({ subject, role, given, models }) => ({
      ...{ who: `${subject} ${role}`, given, models },
    }));

  test("leave the base's name as it is, and make paths of those that look like one", () => {
    expect(parse(teacher, elsewhere(), knowledge(served)).finetune?.base).toBe("org/base-7B");
    const local = parse(teacher, "finetune: { base: ./m, elsewhere: trl }", knowledge(served));
    expect(local.finetune?.base).toBe(`${process.cwd()}/m`);
  });

  test("list who is played, with names for servers and absolute paths for files", () => {
    const given = "adapters: { users: { actor: u }, items: { actor: i/adapter } }";
    const mixed = `knowledge: { users: { actor: ${served} }, items: { actor: ${own} }, reflector: { provider: profiler } }`;
    expect(played(elsewhere(given), mixed)).toEqual([
      { who: "user actor", given: "u", models: [] },
      { who: "item actor", given: `${process.cwd()}/i/adapter`, models: ["tiny.gguf"] },
    ]);
    expect(played(elsewhere(), knowledge(served, served)).map(({ given: none }) => none)).toEqual([
      ...[null, null, null, null],
    ]);
    expect(parse(teacher, elsewhere(given), mixed).finetune?.adapters?.items.actor).toBe(
      `${process.cwd()}/i/adapter`,
    );
  });

  test.each(["openai", "batch-jsonl", "openai-batch"])(
    "texts are asked of the model by the name at the server (%s)",
    (provider) => {
      const role = `{ provider: ${provider}, model: finetuned }`;
      const { resolved } = parse(
        ...[teacher, elsewhere("adapters: { users: { actor: ua, reflector: ur } }")],
        knowledge(role, role),
      );
      const [texts] = resolved.texts;
      const nameOf = (subject: "user" | "item") =>
        (["actor", "reflector"] as const).map(
          (one) => texts && sideSettings(texts.knowledge, subject)[one],
        );
      expect(nameOf("user")).toMatchObject([{ model: "ua" }, { model: "ur" }]);
      expect(nameOf("item")).toMatchObject([{ model: "finetuned" }, { model: "finetuned" }]);
      expect(resolved.vectors[0]?.texts).toBe(texts);
    },
  );

  test("a variant alone may play it, beside one that asks for the base model", () => {
    const { resolved } = parse(
      ...[teacher, elsewhere("adapters: { users: { actor: ua } }")],
      knowledge("{ provider: openai, model: org/base-7B }"),
      "train: { variants: [base, r4ec, { name: tuned, knowledge: { actor: { model: finetuned } } }] }",
    );
    expect(
      resolved.texts.map(({ name, knowledge: texts }) => [
        name,
        sideSettings(texts, "user").actor,
        sideSettings(texts, "item").actor,
      ]),
    ).toMatchObject([
      ["r4ec", { model: "org/base-7B" }, { model: "org/base-7B" }],
      ["tuned", { model: "ua" }, { model: "finetuned" }],
    ]);
  });

  test.each<readonly [what: string, lines: readonly string[], message: string]>([
    [
      "a server's model without a finetune block",
      [knowledge(served)],
      "knowledge.actor.model: finetuned means a model that is trained for this run, and none is: add a finetune block, such as finetune: { base: NAME, elsewhere: trl }",
    ],
    [
      "a server's model without elsewhere",
      [finetune, knowledge(served)],
      "knowledge.actor.model: an adapter that the run trains itself is played by provider gguf, with adapter: finetuned",
    ],
    [
      "adapters without elsewhere",
      ["finetune: { base: tiny.gguf, adapters: { users: { actor: x } } }"],
      "finetune.adapters: these are adapters that were trained elsewhere, and this run trains its own: add the trainer, such as elsewhere: trl",
    ],
    [
      "no role that is played with it",
      [elsewhere()],
      "p.yaml: finetune.elsewhere: no role is played with what comes of it: set adapter: finetuned (provider gguf) or model: finetuned (a server)",
    ],
    [
      "an adapter that nobody plays",
      [elsewhere("adapters: { items: { reflector: x } }"), knowledge(served)],
      "p.yaml: finetune.adapters.items.reflector: no reflector about items is played with it",
    ],
    [
      "settings that only a training in the run follows",
      [elsewhere("epochs: 5, lora: { rank: 16 }, maxTokens: 4096"), knowledge(served)],
      "finetune.lora: only a training in the run follows this",
    ],
    [
      "a role that one variant loads and another asks a server for",
      [
        ...[elsewhere(), knowledge(served)],
        `train: { variants: [base, r4ec, { name: own, knowledge: { actor: ${own} } }] }`,
      ],
      "finetune.adapters.users.actor: one variant loads the actor about users (provider gguf), another asks a server",
    ],
    [
      "an adapter of a service that gives none",
      ["finetune: { base: gpt-4o-mini, elsewhere: openai }", knowledge(own)],
      "finetune.elsewhere: a model that OpenAI's service trains stays there",
    ],
    [
      "a reflector where only actors are trained",
      [elsewhere("reasonOnly: true"), knowledge(served, served)],
      "knowledge.reflector.model: finetune.reasonOnly trains no reflectors: set it to false, or name a model of the server",
    ],
  ])("refuse %s", (_what, lines, message) => {
    expect(() => parse(teacher, ...lines)).toThrow(message);
  });

  test("may be given again as they are written into the run folder", () => {
    const settings = parse(teacher, elsewhere("maxTokens: 4096, seed: 1"), knowledge(served));
    const { resolved, ...file } = settings;
    expect(parsePipeline(JSON.stringify(file), "p.yaml").resolved.played).toEqual(resolved.played);
  });

  test("a teacher cannot be what is trained on its texts, at a server either", () => {
    expect(() =>
      parse(`construct: { teacher: ${served} }`, elsewhere(), knowledge(served)),
    ).toThrow(
      "construct.teacher.model: the run's adapters are trained on what the teacher writes, so it cannot have one of them; name another model",
    );
  });
});
