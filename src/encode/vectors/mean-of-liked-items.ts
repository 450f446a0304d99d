import type { SubjectVectors } from "./mean-by-subject.ts";
import type { ItemVectors } from "./item-vectors.ts";

/** An item a user liked. */
export interface LikedItem {
  readonly itemId: number;
  /** Distance to the last item the user rated, liked or not; 0 for that item. */
  readonly placesBeforeLast: number;
}

/**
 * A vector for each user without a text: the mean of the vectors of the items the user liked, weighted by
 * `2^(-placesBeforeLast / halfLife)`. Items without a vector are skipped; a user who liked none with a vector gets none.
 * Reference: R4ec, the less active users of its industrial deployment.
 *
 * @param users - Each with the liked items, latest first
 * @param halfLife - Distance over which a weight halves; null: all weigh the same
 */
export function meansOfLikedItems(
  users: readonly (readonly [userId: number, liked: readonly LikedItem[]])[],
  { dimension, get }: ItemVectors,
  halfLife: number | null,
): SubjectVectors {
  const vectors = new Float32Array(users.length * dimension);
  const ids: number[] = [];
  const counts: number[] = [];
  const totals = new Float64Array(dimension);
  for (const [userId, liked] of users) {
    let first: number | undefined;
    let weights = 0;
    let count = 0;
    totals.fill(0);
    for (const { itemId, placesBeforeLast } of liked) {
      const vector = get(itemId);
      if (vector === undefined) continue;
      // Only ratios matter: relative to the latest item, its weight is 1 and the sum is never 0.
      first ??= placesBeforeLast;
      const weight = halfLife === null ? 1 : 2 ** ((first - placesBeforeLast) / halfLife);
      for (let i = 0; i < dimension; i++) totals[i] = (totals[i] ?? 0) + weight * (vector[i] ?? 0);
      weights += weight;
      count += 1;
    }
    if (count === 0) continue;
    vectors.set(
      totals.map((total) => total / weights),
      ids.length * dimension,
    );
    ids.push(userId);
    counts.push(count);
  }
  return {
    ids,
    vectors: vectors.subarray(0, ids.length * dimension),
    tokens: null,
    chunks: null,
    truncated: null,
    texts: Int32Array.from(counts),
  };
}
