import { canonicalJson, type Json } from "../../base/json.ts";
import type { DifferingSetting } from "./run-comparison.ts";

/**
 * The settings that are not the same in all runs, each by its full name, in the order of the runs' files. Lists count as one value; a
 * setting that a run does not have is null there.
 *
 * @param runs - Each run's settings, with all defaults filled in
 */
export function differingSettings(runs: readonly Json[]): readonly DifferingSetting[] {
  const flat = runs.map((settings) => new Map(leavesOf(settings, "")));
  const names = new Set(flat.flatMap((settings) => [...settings.keys()]));
  return [...names]
    .map((setting) => ({ setting, values: flat.map((settings) => settings.get(setting) ?? null) }))
    .filter(({ values }) => new Set(values.map((value) => canonicalJson(value))).size > 1);
}

function leavesOf(value: Json, path: string): readonly (readonly [string, Json])[] {
  if (!isBlock(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) =>
    leavesOf(member, path === "" ? key : `${path}.${key}`),
  );
}

function isBlock(value: Json): value is { readonly [key: string]: Json } {
  return value instanceof Object && !Array.isArray(value);
}
