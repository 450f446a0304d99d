import type { z } from "zod";
import { nearest } from "./nearest.ts";

/** What is wrong with one setting. `path` leads to it, e.g. `["train", "epochs"]`. */
export interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

/** The part of JSON Schema that lists the settings. */
export interface SettingsSchema {
  readonly properties?: Readonly<Record<string, SettingsSchema>> | undefined;
  readonly anyOf?: readonly SettingsSchema[] | undefined;
  readonly oneOf?: readonly SettingsSchema[] | undefined;
  /** Of a list's elements. */
  readonly items?: SettingsSchema | undefined;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
}

/** A failed check in words, naming the nearest known setting where one is unknown. `given` are the settings that were checked. */
export function explainIssue(
  issue: z.core.$ZodIssue,
  schema: SettingsSchema,
  given: unknown,
): readonly Problem[] {
  const path = issue.path.map(String);
  if (issue.code === "invalid_union") {
    const closest = closestForm(issue);
    if (closest !== undefined) return closest.flatMap((one) => explainIssue(one, schema, given));
    const word = valueAt(given, path);
    const places = placesAt(schema, given, path);
    const words = [...places.flatMap(wordsOf), ...places.flatMap(blockOf)];
    if (typeof word === "string" && words.length > 0) {
      const message = `${path.join(".")}: unknown "${word}"; ${cureFor(word, [], words)}`;
      return [{ path, message }];
    }
  }
  if (issue.code !== "unrecognized_keys") {
    return [{ path, message: `${path.join(".") || "the file"}: ${issue.message}` }];
  }
  const known = placesAt(schema, given, path).flatMap((place) =>
    Object.keys(place.properties ?? {}),
  );
  return issue.keys.map((key) => ({
    path: [...path, key],
    message: `unknown setting ${[...path, key].join(".")}; ${cureFor(key, path, known)}`,
  }));
}

/** "did you mean …?", or all known words where none is near. `path` leads to the suggested word. */
export function cureFor(word: string, path: readonly string[], known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined
    ? `known: ${[...new Set(known)].join(", ")}`
    : `did you mean ${[...path, meant].join(".")}?`;
}

/** The issues of a union value that clearly has one of the forms; undefined when it has none, or may have several. */
function closestForm(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | undefined {
  const isOtherForm = ({ code, path }: z.core.$ZodIssue): boolean =>
    path.length === 0 && (code === "invalid_type" || code === "invalid_value");
  const [form, ...others] = issue.errors.filter((issues) => !issues.some(isOtherForm));
  if (form === undefined || others.length > 0) return undefined;
  return form.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** The words that a setting accepts. */
function wordsOf({ const: only, enum: choices = [only] }: SettingsSchema): readonly string[] {
  return choices.filter((choice) => typeof choice === "string");
}

/** How a block with a single key, which tells what it is about, is written in place of a word. */
function blockOf({ properties = {} }: SettingsSchema): readonly string[] {
  const [key, ...others] = Object.keys(properties);
  return key === undefined || others.length > 0 ? [] : [`{ ${key}: … }`];
}

/** The schemas of a setting that the given value does not rule out. */
function placesAt(
  schema: SettingsSchema,
  given: unknown,
  path: readonly string[],
): readonly SettingsSchema[] {
  let places = variantsFor(schema, given);
  let value = given;
  for (const key of path) {
    value = memberOf(value, key);
    places = places
      .flatMap((place) => place.properties?.[key] ?? place.items ?? [])
      .flatMap((place) => variantsFor(place, value));
  }
  return places;
}

function valueAt(given: unknown, path: readonly string[]): unknown {
  return path.reduce(memberOf, given);
}

/** A schema and its variants, without those that the value's discriminator, such as `dataset.source`, rules out. */
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
