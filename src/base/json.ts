/** Plain data that survives JSON unchanged. Stage configuration and task parameters are made of it. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * JSON without spaces and with the keys of objects sorted at every depth: equal values have equal text and thus equal hashes.
 * Undefined members are left out. Stored keys depend on every byte of it.
 */
export function canonicalJson(value: Json | object): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** A value after a round trip through JSON, which drops undefined members. For validated settings, which hold only JSON types. */
export function toJson(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** The value of a JSON text; null where it is none, such as a file that was cut short. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
