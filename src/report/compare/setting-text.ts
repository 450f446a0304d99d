import type { Json } from "../../base/json.ts";

/** A setting's value as a pipeline file could have it; "not set" for null. */
export function settingText(value: Json): string {
  if (value === null) return "not set";
  return typeof value === "string" ? value : JSON.stringify(value);
}
