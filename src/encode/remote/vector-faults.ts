import type { EmbeddingReply } from "../../llm/embeddings/embeddings.ts";

/**
 * Why texts of a request have no vector that can be used, by their position in it.
 *
 * @param isScaled - Whether vectors will be scaled, which one of zeros cannot be
 * @param width - Of the vectors before; undefined while there is none
 */
export function vectorFaults(
  { vectors, dimension, faults }: EmbeddingReply,
  texts: number,
  { isScaled, width }: { readonly isScaled: boolean; readonly width: number | undefined },
): ReadonlyMap<number, string> {
  const all = new Map(faults);
  for (let place = 0; place < texts; place++) {
    if (all.has(place)) continue;
    const vector = vectors.subarray(place * dimension, (place + 1) * dimension);
    if (width !== undefined && dimension !== width) {
      all.set(
        place,
        `the server gave a vector of ${dimension} numbers, others have ${width}: serve one model`,
      );
    } else if (isScaled && vector.every((value) => value === 0)) {
      all.set(place, "the server gave a vector of zeros, which has no direction");
    }
  }
  return all;
}
