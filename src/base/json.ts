/** Plain data that survives JSON unchanged. Stage configuration and task parameters are made of it. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** JSON text with sorted object keys: equal values have equal text, and so equal hashes. */
export function canonicalJson(value: Json): string {
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
