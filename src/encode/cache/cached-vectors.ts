import { vectorKey, type StoredVector, type VectorCache } from "./vector-cache.ts";

/** A text whose vector is not cached. */
export interface MissingText {
  readonly text: string;
  /** Position of its first occurrence among the given texts. */
  readonly position: number;
}

/** Stores a text's vector. Once it resolves, the vector survives `kill -9`. */
export type KeepVector = (text: MissingText, vector: Omit<StoredVector, "key">) => Promise<void>;

/** A vector, and whether it was cached before. */
export interface CachedVector {
  readonly stored: StoredVector;
  readonly isCached: boolean;
}

/**
 * The vector of every distinct text: from the cache, or computed and stored there; those that were given up have none. If another caller that shares the cache is computing
 * a text's vector, this one waits, and computes it only if the other fails.
 *
 * @param encoder - Identity of the encoder: what decides a vector besides the text
 * @param make - Passes the vector of each text to `keep`, as early as possible, and resolves with the texts it gives up; `found` are known
 *   already
 */
export async function cachedVectors(
  texts: readonly string[],
  encoder: string,
  cache: VectorCache,
  make: (
    missing: readonly MissingText[],
    keep: KeepVector,
    found: number,
  ) => Promise<ReadonlySet<string>>,
): Promise<ReadonlyMap<string, CachedVector>> {
  const known = new Map<string, CachedVector>();
  const distinct = new Map<string, MissingText>();
  texts.forEach((text, position) => {
    if (!distinct.has(text)) distinct.set(text, { text, position });
  });
  const keep: KeepVector = async ({ text }, vector) => {
    const stored = { ...vector, key: vectorKey(encoder, text) };
    await cache.put(stored);
    known.set(text, { stored, isCached: false });
  };
  for (let open = [...distinct.values()]; open.length > 0;) {
    const own: MissingText[] = [];
    const others = new Set<Promise<unknown>>();
    for (const missing of open) {
      const key = vectorKey(encoder, missing.text);
      const stored = cache.find(key);
      const underWay = cache.underWay.get(key);
      if (stored !== null) known.set(missing.text, { stored, isCached: true });
      else if (underWay) others.add(underWay);
      else own.push(missing);
    }
    const givenUp =
      own.length === 0
        ? null
        : await making(own, encoder, cache, () => make(own, keep, known.size));
    await Promise.all(others);
    open = open.filter(({ text }) => !known.has(text) && givenUp?.has(text) !== true);
  }
  return known;
}

/** Announces to all users of the cache which vectors are being computed. The promises they wait for never reject. */
async function making<T>(
  texts: readonly MissingText[],
  encoder: string,
  { underWay }: VectorCache,
  make: () => Promise<T>,
): Promise<T> {
  const made = make();
  const over = made.catch(() => undefined);
  const keys = texts.map(({ text }) => vectorKey(encoder, text));
  for (const key of keys) underWay.set(key, over);
  try {
    return await made;
  } finally {
    for (const key of keys) underWay.delete(key);
  }
}
