import { code } from "./markdown.ts";

/** The parts of JSON Schema that a pipeline file's has. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** A schema's type in words, such as "integer ≥ 1" or "list of text". */
export function typeOf(schema: JsonSchema): string {
  const { type, items, additionalProperties, format } = schema;
  if (schema.const !== undefined) return valueOf(schema.const);
  if (schema.enum) return schema.enum.map(valueOf).join(", ");
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms) return [...new Set(forms.map(typeOf))].join(" or ");
  switch (type) {
    case "string":
      return format === undefined ? "text" : format;
    case "boolean":
      return "true, false";
    case "integer":
    case "number":
      return [type, rangeOf(schema)].filter((part) => part !== "").join(" ");
    case "array":
      return items === undefined ? "list" : `list of ${typeOf(items)}`;
    case "object":
      return typeof additionalProperties === "object" && schema.properties === undefined
        ? `map of ${typeOf(additionalProperties)}`
        : "block";
    default:
      return type ?? "any";
  }
}

function valueOf(value: unknown): string {
  return code(typeof value === "string" ? value : JSON.stringify(value));
}

/** The limits of a number; zod writes those of safe integers where there are none. */
function rangeOf(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const isLimit = (limit: number | undefined): limit is number =>
    limit !== undefined && Math.abs(limit) !== Number.MAX_SAFE_INTEGER;
  return [
    ...(isLimit(minimum) ? [`≥ ${minimum}`] : []),
    ...(isLimit(exclusiveMinimum) ? [`> ${exclusiveMinimum}`] : []),
    ...(isLimit(maximum) ? [`≤ ${maximum}`] : []),
    ...(isLimit(exclusiveMaximum) ? [`< ${exclusiveMaximum}`] : []),
  ].join(", ");
}
