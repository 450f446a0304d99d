import { readFile, readdir } from "node:fs/promises";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { pipelineJsonSchema, settingsSchema } from "../../src/pipeline/json-schema.ts";

interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: boolean;
}

interface Place {
  readonly path: string;
  readonly schema: Schema;
}

/** Every key of a pipeline file that holds a value, and every block that holds keys. */
function places(schema: Schema, path = ""): { readonly leaves: Place[]; readonly blocks: Place[] } {
  const variants = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const blocks = variants.filter(({ properties }) => properties !== undefined);
  if (blocks.length === 0) return { leaves: [{ path, schema }], blocks: [] };
  const inner = blocks.flatMap(({ properties = {} }) =>
    Object.entries(properties).map(([key, member]) =>
      places(member, path === "" ? key : `${path}.${key}`),
    ),
  );
  return {
    leaves: inner.flatMap(({ leaves }) => leaves),
    blocks: [
      ...blocks.map((block) => ({ path, schema: block })),
      ...inner.flatMap(({ blocks: own }) => own),
    ],
  };
}

/** Keys without a default in the schema, and why. */
const withoutDefault = [
  /^dataset\.(path|interactions|reviews|metadata|(items|users)\.path)$/, // nobody can know it
  /^dataset\.columns\.(rating|label|event)$/, // exactly one of them
  /^dataset\.(columns\.(weight|timeFormat)|items\.year|(items|users)\.listSeparator)$/, // not there
  /^dataset\.(positiveAbove|maxBadRows|until)$/, // the description says what happens without
  /^knowledge\.(users|items)\.\w+$/, // the same key of knowledge
  /\.sampling\.temperature$/, // depends on the strategy; the description says so
  /^finetune\.base$/, // nobody can know it
  /^finetune\.(elsewhere|adapters\..*)$/, // in the run; not trained yet
  /\.adapter$/, // none
  /\.(model|tokenizer|threads)$/, // of a chat model: nobody can know it, or the description says what happens without
  /\.(requestsPerMinute|tokensPerMinute|maxCostUsd|maxRequests)$/, // no limit
  /^train\.(grid|search)\.\w+$/, // not tried
  /^train\.search\.(trials|\w+\.(min|max))$/, // a budget and limits: nobody can know them
  /^knowledge\.(nouns\.\w+|scale)$/, // the source says it
  /^knowledge\.(cache|tiers\..*)$/, // off
  /^encode\.(pooling|normalize|prefix|output|maxTokens|globalTokens|sessions|cache|vectors)$/, // the description says what happens without
  /^encode\.remote\.dimensions$/, // as the model has them
  /^samples\.(validFrom|testFrom|gap)$/, // by share; none
  /^expect\.\w+$/, // not checked
  /^report\.paper$/, // none
  /^runtime\.spillDir$/, // in the run folder
  /^runtime\.executor\.\w+\.(program|partition|account|time|atOnce)$/, // the description says what happens without
  /^runtime\.(threads|memoryLimit)$/, // what the machine has; the description says so
];

describe("settingsSchema", () => {
  const { leaves, blocks } = places(settingsSchema() as Schema);

  test("covers the settings", () => {
    expect(leaves.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["name", "dataset.path", "train.epochs", "runtime.memoryLimit"]),
    );
    expect(leaves.length).toBeGreaterThan(40);
  });

  test.each(leaves)("describes $path", ({ schema }) => {
    expect(schema.description).toMatch(/\w+ \w+/);
  });

  test("gives every key a default but those that can have none", () => {
    const missing = leaves
      .filter(({ schema }) => !("default" in schema) && schema.const === undefined)
      .map(({ path }) => path)
      .filter((path) => !withoutDefault.some((allowed) => allowed.test(path)));
    expect(missing).toEqual([]);
  });

  test("lets no block hold other keys", () => {
    const open = blocks.filter(({ schema }) => schema.additionalProperties !== false);
    expect(open.map(({ path }) => path)).toEqual([]);
  });
});

describe("pipelineJsonSchema", async () => {
  const schema = pipelineJsonSchema();
  const files = (await readdir("pipelines")).filter((name) => name.endsWith(".yaml"));
  const check = new Ajv({ allErrors: true, validateFormats: false }).compile(schema);
  const faultsOf = (settings: unknown): readonly string[] => {
    check(settings);
    return (check.errors ?? []).map(
      ({ instancePath, message = "" }) => `${instancePath} ${message}`,
    );
  };

  test("is less than half of the schema without references", () => {
    expect(JSON.stringify(schema).length).toBeLessThan(
      0.5 * JSON.stringify(settingsSchema()).length,
    );
  });

  test("says the same as the schema without references", () => {
    const inlined = (node: unknown): unknown => {
      if (Array.isArray(node)) return node.map(inlined);
      if (!(node instanceof Object)) return node;
      const name = "$ref" in node ? String(node.$ref).replace("#/definitions/", "") : "";
      const shared = name.startsWith("__") ? undefined : schema.definitions?.[name];
      if (shared !== undefined) return inlined(shared);
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inlined(value)]));
    };
    const whole = { ...settingsSchema(), definitions: undefined };
    expect(inlined({ ...schema, definitions: undefined })).toEqual(whole);
  });

  test.each(files)("fits pipelines/%s, which names it", async (file) => {
    const text = await readFile(`pipelines/${file}`, "utf8");
    expect(text).toMatch(/^# yaml-language-server: \$schema=schema\.json\n/);
    expect(faultsOf(parse(text))).toEqual([]);
  });

  test.each([
    ["an unknown key", { train: { epoch: 3 } }, "/train must NOT have additional properties"],
    ["a wrong type", { train: { epochs: "three" } }, "/train/epochs must be integer"],
    [
      "an unknown word",
      { protocol: "leaky" },
      "/protocol must be equal to one of the allowed values",
    ],
    [
      "a missing key",
      { dataset: { source: "movielens" } },
      "/dataset must have required property 'path'",
    ],
    [
      "a wrong type in what occurs more than once",
      { knowledge: { actor: { provider: "openai", model: 7 } } },
      "/knowledge/actor/model must be string",
    ],
  ])("finds %s", (_, settings, fault) => {
    expect(faultsOf(settings)).toContain(fault);
  });
});
