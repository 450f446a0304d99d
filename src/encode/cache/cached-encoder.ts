import type { EncodedTexts, EncodeOptions, Encoder } from "../model/encoder.ts";
import { cachedVectors, type MissingText } from "./cached-vectors.ts";
import type { VectorCache } from "./vector-cache.ts";

/** Most texts, and most characters, that are encoded between two writes to the cache: what `kill -9` loses. */
const sliceTexts = 512;
const sliceCharacters = 4_000_000;

/**
 * An encoder that never encodes a text twice, in this run or others that share the cache. Closing it closes both.
 *
 * A number's last bits depend on the texts that share its batch. So a call that is killed and made again groups its texts as it had: what
 * it had kept are the first texts of its order, and the group in which they end is encoded again as a whole.
 */
export function cachedEncoder(encoder: Encoder, cache: VectorCache): Encoder {
  const { name, hash, dimension } = encoder;

  const encode = async (
    texts: readonly string[],
    options: EncodeOptions = {},
  ): Promise<EncodedTexts> => {
    const { onProgress, nameText = (position) => `text ${position}` } = options;
    const vectors = await cachedVectors(texts, hash, cache, async (missing, keep) => {
      let done = texts.length - missing.length;
      for (const slice of slicesOf(texts, missing)) {
        const before = done;
        const encoded = await encoder.encode(
          slice.map(({ text }) => text),
          {
            ...options,
            nameText: (place) => nameText(slice[place]?.position ?? place),
            onProgress: (ofSlice) => onProgress?.(Math.min(texts.length, before + ofSlice)),
          },
        );
        await Promise.all(
          slice.flatMap((text, place) =>
            text.isKept
              ? []
              : [
                  keep(text, {
                    vector: encoded.vectors.slice(place * dimension, (place + 1) * dimension),
                    tokens: encoded.tokens[place] ?? 0,
                    chunks: encoded.chunks[place] ?? 0,
                    truncated: encoded.truncated[place] ?? 0,
                    cost: null,
                  }),
                ],
          ),
        );
        done += slice.filter(({ isKept }) => !isKept).length;
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

/** A text to encode; one that is kept already is only there to fill its batch. */
interface SlicedText extends MissingText {
  readonly isKept: boolean;
}

/**
 * The missing texts in groups, longest first, as texts of similar lengths need little padding. Where they are the end of the order of all
 * texts, the groups are those of all texts.
 */
function slicesOf(
  texts: readonly string[],
  missing: readonly MissingText[],
): readonly (readonly SlicedText[])[] {
  const unkept = new Set(missing.map(({ text }) => text));
  const distinct = new Map<string, SlicedText>();
  texts.forEach((text, position) => {
    if (!distinct.has(text)) distinct.set(text, { text, position, isKept: !unkept.has(text) });
  });
  const all = longestFirst([...distinct.values()]);
  const isEnd = all.slice(all.length - missing.length).every(({ isKept }) => !isKept);
  const order = isEnd ? all : all.filter(({ isKept }) => !isKept);
  return inSlices(order).filter((slice) => slice.some(({ isKept }) => !isKept));
}

function longestFirst(texts: readonly SlicedText[]): readonly SlicedText[] {
  return texts.toSorted((a, b) => b.text.length - a.text.length);
}

function inSlices(texts: readonly SlicedText[]): readonly (readonly SlicedText[])[] {
  const slices: SlicedText[][] = [];
  let characters = 0;
  for (const text of texts) {
    const slice = slices.at(-1);
    characters += text.text.length;
    if (slice === undefined || slice.length >= sliceTexts || characters > sliceCharacters) {
      slices.push([text]);
      characters = text.text.length;
    } else {
      slice.push(text);
    }
  }
  return slices;
}
