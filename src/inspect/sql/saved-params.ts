import { FlowError } from "../../base/errors.ts";
import type { SqlParams } from "../../tables/database.ts";

const readers = {
  BIGINT: { expected: "a whole number", read: wholeNumber },
  DOUBLE: { expected: "a number", read: finiteNumber },
  VARCHAR: { expected: "text", read: (text: string) => text },
} as const;

type ParamType = keyof typeof readers;

/** A parameter of a saved query. */
export interface SavedParam {
  readonly name: string;
  readonly type: ParamType;
  /** The default as text; null for a required parameter. */
  readonly initial: string | null;
  readonly about: string;
}

const paramLine = /^\$(?<name>\w+)\s+(?<type>[A-Z]+)(?: = (?<initial>[^,]*))?, (?<about>.+)$/;

/** Parses the parameters that a header declares, one per line: `$name  TYPE = default, meaning`; the default is optional. */
export function parseParams(query: string, lines: readonly string[]): readonly SavedParam[] {
  return lines
    .filter((line) => line !== "none")
    .map((line) => {
      const { name, type, initial, about } = paramLine.exec(line)?.groups ?? {};
      if (name === undefined || about === undefined || !isParamType(type)) {
        throw new Error(`internal: sql/inspect/${query}.sql declares a parameter as "${line}"`);
      }
      return { name, type, initial: initial ?? null, about };
    });
}

/**
 * Values for all parameters of a saved query, from assignments such as `top=5`.
 *
 * @throws `CONFIG_INVALID` for an assignment without `=`, an unknown or repeated name, a value of the wrong type or a missing value
 */
export function paramValues(
  query: string,
  params: readonly SavedParam[],
  given: readonly string[],
): SqlParams {
  const texts = new Map<string, string>();
  for (const text of given) {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    if (!params.some((param) => param.name === name)) {
      throw new FlowError(
        "CONFIG_INVALID",
        `${query}: "${text}" does not set a parameter. ${takes(params)}`,
      );
    }
    if (texts.has(name)) throw new FlowError("CONFIG_INVALID", `${query}: ${name} is set twice`);
    texts.set(name, value);
  }
  return Object.fromEntries(
    params.map((param) => [param.name, readValue(query, param, texts.get(param.name))]),
  );
}

/** A parameter with its default, or its type if it has none: `top=10`. */
export function showParam({ name, type, initial }: SavedParam): string {
  return `${name}=${initial ?? type}`;
}

function readValue(query: string, param: SavedParam, given: string | undefined): string | number {
  const text = given ?? param.initial;
  const { expected, read } = readers[param.type];
  const value = text === null ? undefined : read(text);
  if (value !== undefined) return value;
  const got = text === null ? "none" : `"${text}"`;
  throw new FlowError(
    "CONFIG_INVALID",
    `${query}: expected ${expected} for ${param.name} (${param.about}), got ${got}`,
  );
}

function takes(params: readonly SavedParam[]): string {
  if (params.length === 0) return "This query has no parameters.";
  return `Parameters: ${params.map((param) => `${showParam(param)} (${param.about})`).join(", ")}.`;
}

function isParamType(text: string | undefined): text is ParamType {
  return text !== undefined && Object.hasOwn(readers, text);
}

function wholeNumber(text: string): number | undefined {
  const value = Number(text);
  return /^-?\d+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}

function finiteNumber(text: string): number | undefined {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : undefined;
}
