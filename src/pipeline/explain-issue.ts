import type { z } from "zod";
import { nearest } from "./nearest.ts";

/** What is wrong with one setting. `path` leads to it, e.g. `["train", "epochs"]`. */
export interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

/** The part of JSON Schema that tells which settings there are. */
export interface SettingsSchema {
  readonly properties?: Readonly<Record<string, SettingsSchema>> | undefined;
  readonly anyOf?: readonly SettingsSchema[] | undefined;
  readonly oneOf?: readonly SettingsSchema[] | undefined;
  readonly const?: unknown;
}

/** A failed check in words, with the nearest known setting where one is unknown. `given` are the settings as they were given. */
export function explainIssue(
  issue: z.core.$ZodIssue,
  schema: SettingsSchema,
  given: unknown,
): readonly Problem[] {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") {
    return [{ path, message: `${path.join(".") || "the file"}: ${issue.message}` }];
  }
  const known = knownKeys(schema, given, path);
  return issue.keys.map((key) => ({
    path: [...path, key],
    message: `unknown setting ${[...path, key].join(".")}; ${cureFor(key, path, known)}`,
  }));
}

function cureFor(key: string, path: readonly string[], known: readonly string[]): string {
  const meant = nearest(key, known);
  return meant === undefined
    ? `known: ${known.join(", ")}`
    : `did you mean ${[...path, meant].join(".")}?`;
}

/** The settings allowed at a place of the file. */
function knownKeys(
  schema: SettingsSchema,
  given: unknown,
  path: readonly string[],
): readonly string[] {
  let places = variantsFor(schema, given);
  let value = given;
  for (const key of path) {
    value = memberOf(value, key);
    places = places
      .flatMap((place) => place.properties?.[key] ?? [])
      .flatMap((place) => variantsFor(place, value));
  }
  return [...new Set(places.flatMap((place) => Object.keys(place.properties ?? {})))];
}

/** A schema and those of its variants that the value's discriminator, such as `dataset.source`, does not rule out. */
function variantsFor(schema: SettingsSchema, value: unknown): readonly SettingsSchema[] {
  return [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter((variant) =>
    Object.entries(variant.properties ?? {}).every(
      ([key, member]) => member.const === undefined || member.const === memberOf(value, key),
    ),
  );
}

function memberOf(value: unknown, key: string): unknown {
  return value instanceof Object ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
