import { z } from "zod";
import type { Item } from "./contexts.ts";

/** Attribute names to their values, as SQL writes them in JSON. */
export const attributeMap = z.record(z.string(), z.array(z.string().nullable()).nullable());

/** The attributes without missing values. */
export function withoutNulls(
  attributes: readonly (readonly [string, readonly (string | null)[] | null])[],
): Item["attributes"] {
  return Object.fromEntries(
    attributes.map(([name, values]) => [name, (values ?? []).filter((value) => value !== null)]),
  );
}
