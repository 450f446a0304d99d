import { z } from "zod";
import type { SettingsSchema } from "./explain-issue.ts";
import { pipelineSettings } from "./settings.ts";

/** The part of JSON Schema (draft-07) that zod writes and that holds further schemas. */
interface JsonSchema extends SettingsSchema {
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
}

/** Schemas whose JSON is shorter stay where they are: a reference would hardly be shorter. */
const leastShared = 300;

/** The settings as JSON Schema, each setting written out at its place, so that its path leads to it. */
export function settingsSchema(): SettingsSchema {
  return plainSchema();
}

/** JSON Schema (draft-07) of a pipeline file, for editors. What it holds more than once is a definition. */
export function pipelineJsonSchema(): JsonSchema {
  return withDefinitions(plainSchema());
}

function plainSchema(): JsonSchema {
  const schema = z.toJSONSchema(pipelineSettings, { io: "input", target: "draft-7" });
  return schema as JsonSchema;
}

/** Moves schemas that occur more than once to `definitions`, each named after the key or the variant it is first met as. */
function withDefinitions(whole: JsonSchema): JsonSchema {
  const counts = countSchemas(whole);
  const names = new Map<string, string>();
  const definitions: Record<string, JsonSchema> = { ...whole.definitions }; // such as "any JSON", which holds itself

  const shared = (schema: JsonSchema, key: string): JsonSchema => {
    const text = JSON.stringify(schema);
    if (counts.get(text) === 1 || text.length < leastShared) return within(schema, key);
    const known = names.get(text);
    const name = known ?? freeName(key, definitions);
    if (known === undefined) {
      names.set(text, name);
      definitions[name] = schema;
      definitions[name] = within(schema, key);
    }
    return { $ref: `#/definitions/${name}` };
  };
  const within = (schema: JsonSchema, key: string): JsonSchema => mapInner(schema, key, shared);

  return { ...within(whole, "pipeline"), definitions };
}

/** How often each schema occurs, by its JSON; what lies in a repeated one is counted once. */
function countSchemas(whole: JsonSchema): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (schema: JsonSchema): JsonSchema => {
    const text = JSON.stringify(schema);
    const before = counts.get(text) ?? 0;
    counts.set(text, before + 1);
    return before === 0 ? mapInner(schema, "", count) : schema;
  };
  count(whole);
  return counts;
}

/** A schema with `change` applied to those directly in it. `key` is where the schema stands itself. */
function mapInner(
  schema: JsonSchema,
  key: string,
  change: (inner: JsonSchema, key: string) => JsonSchema,
): JsonSchema {
  const { properties, anyOf, oneOf, items } = schema;
  const variants = (list: readonly JsonSchema[]): readonly JsonSchema[] =>
    list.map((variant) => change(variant, variantName(variant) ?? key));
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [name, change(member, name)]),
      ),
    }),
    ...(anyOf && { anyOf: variants(anyOf) }),
    ...(oneOf && { oneOf: variants(oneOf) }),
    ...(items && { items: change(items, key) }),
  };
}

/** The value that tells a variant from the others, such as `openai` of `provider: openai`. */
function variantName({ properties = {} }: JsonSchema): string | undefined {
  return Object.values(properties)
    .map((member) => member.const)
    .find((value) => typeof value === "string");
}

function freeName(key: string, taken: Readonly<Record<string, unknown>>): string {
  let name = key;
  for (let number = 2; name in taken; number++) name = `${key}${String(number)}`;
  return name;
}
