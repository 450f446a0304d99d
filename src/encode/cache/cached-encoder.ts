import type { EncodedTexts, EncodeOptions, Encoder } from "../model/encoder.ts";
import { cachedVectors } from "./cached-vectors.ts";
import type { VectorCache } from "./vector-cache.ts";

/** Texts encoded between two writes to the cache: the most that `kill -9` loses. */
const sliceTexts = 512;

/** An encoder that never encodes a text twice, in this run or others that share the cache. Closing it closes both. */
export function cachedEncoder(encoder: Encoder, cache: VectorCache): Encoder {
  const { name, hash, dimension } = encoder;

  const encode = async (
    texts: readonly string[],
    options: EncodeOptions = {},
  ): Promise<EncodedTexts> => {
    const { onProgress, nameText = (position) => `text ${position}` } = options;
    const vectors = await cachedVectors(texts, hash, cache, async (missing, keep) => {
      // Slices of similar lengths need little padding.
      const longestFirst = missing.toSorted((a, b) => b.text.length - a.text.length);
      const known = texts.length - missing.length;
      for (let start = 0; start < longestFirst.length; start += sliceTexts) {
        const slice = longestFirst.slice(start, start + sliceTexts);
        const encoded = await encoder.encode(
          slice.map(({ text }) => text),
          {
            ...options,
            nameText: (place) => nameText(slice[place]?.position ?? place),
            onProgress: (done) => onProgress?.(known + start + done),
          },
        );
        await Promise.all(
          slice.map((text, place) =>
            keep(text, {
              vector: encoded.vectors.slice(place * dimension, (place + 1) * dimension),
              tokens: encoded.tokens[place] ?? 0,
              chunks: encoded.chunks[place] ?? 0,
              truncated: encoded.truncated[place] ?? 0,
              cost: null,
            }),
          ),
        );
      }
      return new Set();
    });
    const encoded = {
      vectors: new Float32Array(texts.length * dimension),
      tokens: new Int32Array(texts.length),
      chunks: new Int32Array(texts.length),
      truncated: new Int32Array(texts.length),
    };
    texts.forEach((text, position) => {
      const { stored } = vectors.get(text) ?? {};
      if (stored === undefined) throw new Error(`internal: text ${position} has no vector`);
      encoded.vectors.set(stored.vector, position * dimension);
      encoded.tokens[position] = stored.tokens;
      encoded.chunks[position] = stored.chunks;
      encoded.truncated[position] = stored.truncated;
    });
    onProgress?.(texts.length);
    return encoded;
  };

  return {
    name,
    hash,
    dimension,
    encode,
    close: async () => {
      await encoder.close();
      await cache.close();
    },
  };
}
