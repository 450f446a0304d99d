import { z } from "zod";
import type { SettingsSchema } from "./explain-issue.ts";
import { pipelineSettings } from "./settings.ts";

/** The parts of JSON Schema (draft-07) that contain schemas. */
interface JsonSchema extends SettingsSchema {
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
}

/** Shorter schemas (characters of JSON) are repeated: a reference would hardly be shorter. */
const leastShared = 150;

/** The settings as JSON Schema, each setting written out at its place, so that its path leads to it. */
export function settingsSchema(): SettingsSchema {
  return plainSchema();
}

/** JSON Schema (draft-07) of a pipeline file, for editors. Repeated schemas are definitions. */
export function pipelineJsonSchema(): JsonSchema {
  return withDefinitions(plainSchema());
}

function plainSchema(): JsonSchema {
  const schema = z.toJSONSchema(pipelineSettings, { io: "input", target: "draft-7" });
  return schema as JsonSchema;
}

/** Moves repeated schemas to `definitions`, each named after the key or variant where it first occurs. */
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

/** Occurrences of each schema, by its JSON. The inside of a repeated schema counts once. */
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

/** A schema with `change` applied to the schemas directly in it. `key` is the schema's own key. */
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

/** A variant's discriminator, such as `openai` of `provider: openai`. */
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
