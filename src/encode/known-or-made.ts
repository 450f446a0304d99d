import { vectorKey, type StoredVector, type VectorCache } from "./vector-cache.ts";

/** A text whose vector is in no cache. */
export interface MissingText {
  readonly text: string;
  /** Of the first text like it among those asked for. */
  readonly position: number;
}

/** Remembers a text's vector. It survives `kill -9` once this has returned. */
export type KeepVector = (text: MissingText, vector: Omit<StoredVector, "key">) => Promise<void>;

/** A vector, and whether it was there before. */
export interface KnownVector {
  readonly stored: StoredVector;
  readonly isCached: boolean;
}

/**
 * The vector of every distinct text: from the cache, or made and put there.
 *
 * @param encoder - what decides a vector besides the text
 * @param make - gives `keep` the vector of each text, the earlier the better
 */
export async function knownOrMade(
  texts: readonly string[],
  encoder: string,
  cache: VectorCache,
  make: (missing: readonly MissingText[], keep: KeepVector) => Promise<void>,
): Promise<ReadonlyMap<string, KnownVector>> {
  const known = new Map<string, KnownVector>();
  const missing = new Map<string, MissingText>();
  texts.forEach((text, position) => {
    if (known.has(text) || missing.has(text)) return;
    const stored = cache.find(vectorKey(encoder, text));
    if (stored === null) missing.set(text, { text, position });
    else known.set(text, { stored, isCached: true });
  });
  if (missing.size > 0) {
    await make([...missing.values()], async ({ text }, vector) => {
      const stored = { ...vector, key: vectorKey(encoder, text) };
      await cache.put(stored);
      known.set(text, { stored, isCached: false });
    });
  }
  return known;
}
