import { FlowError } from "../../base/errors.ts";
import type { TokenCounter } from "../../llm/count-tokens.ts";
import type { EmbeddingClient } from "../../llm/embeddings/embeddings.ts";
import type { EncodedTexts, EncodeOptions, Encoder, TextCall } from "../model/encoder.ts";
import type { CachedVector } from "../cache/cached-vectors.ts";
import type { EncodeSettings } from "../encoder-settings.ts";
import type { VectorCache } from "../cache/vector-cache.ts";
import { askForPieces } from "./ask-for-pieces.ts";
import { cutText, type SentText } from "./cut-text.ts";
import { textRequester } from "./request-texts.ts";

export interface RemoteEncoderOptions {
  readonly client: EmbeddingClient;
  readonly counter: TokenCounter;
  readonly cache: VectorCache;
  readonly settings: EncodeSettings;
  /** See {@link remoteHash}. */
  readonly hash: string;
  /** Identity of the server's vectors in the cache. */
  readonly served: string;
  readonly close: () => Promise<void>;
}

/** Special tokens that a model adds to a text: a first and a last one. */
const specialTokens = 2;

/**
 * An encoder behind a server of embeddings. Vectors are cached as they arrive, so no text is paid for twice, however texts are grouped
 * and whatever fails.
 */
export function remoteEncoder(options: RemoteEncoderOptions): Encoder {
  const { client, counter, cache, settings, hash, served, close } = options;
  const { prefix = "", normalize = true, maxTokens, overlong, maxCharacters, remote } = settings;
  const { textsPerRequest, tokensPerRequest } = remote;
  const requester = textRequester({
    ...{ client, counter, textsPerRequest, tokensPerRequest },
    isScaled: normalize,
  });
  const room = {
    tokens: maxTokens === undefined ? undefined : Math.max(1, maxTokens - specialTokens),
    ...{ overlong, maxCharacters, counter },
  };
  let dimension = remote.dimensions ?? 0;
  let hasVectors = false;

  const encode = async (
    texts: readonly string[],
    encodeOptions: EncodeOptions = {},
  ): Promise<EncodedTexts> => {
    const { signal = new AbortController().signal, onProgress, onTrouble } = encodeOptions;
    const { nameText = (position) => `text ${position}` } = encodeOptions;
    const sent = texts.map((text, position): SentText => {
      if (text.trim() === "") {
        throw new FlowError("INPUT_INVALID", `${nameText(position)}: the text is empty`);
      }
      return cutText(prefix + text, room, () => nameText(position));
    });
    const { known, refusals } = await askForPieces(sent, {
      ...{ served, cache, room, nameText },
      request: (missing, keep, { positions, hasVectors: hasSome, nameOf }) =>
        requester.request(missing, keep, {
          ...{ signal, nameText: nameOf, hasVectors: hasVectors || hasSome },
          onTrouble: (more) => onTrouble?.(more),
          onDone: (done) => onProgress?.(share(texts.length, missing.length - done, positions)),
        }),
    });
    hasVectors ||= known.size > 0;
    const ofText = sent.map((text) => text.pieces.flatMap((piece) => known.get(piece) ?? []));
    dimension ||= [...known.values()][0]?.stored.vector.length ?? 0;
    const encoded = {
      vectors: new Float32Array(texts.length * dimension),
      tokens: new Int32Array(texts.length),
      chunks: new Int32Array(texts.length),
      truncated: new Int32Array(texts.length),
    };
    ofText.forEach((own, position) => {
      if (refusals.has(position)) return;
      const vector = vectorOf(own, dimension, normalize);
      if (typeof vector === "string") {
        throw new FlowError(
          "INPUT_INVALID",
          `${nameText(position)}: encoder ${client.model} ${vector}`,
        );
      }
      const truncated = sent[position]?.truncated ?? 0;
      const tokens = own.reduce((sum, { stored }) => sum + stored.tokens, truncated);
      encoded.vectors.set(vector, position * dimension);
      encoded.tokens[position] = tokens;
      encoded.chunks[position] = own.length;
      encoded.truncated[position] = truncated;
    });
    onProgress?.(texts.length);
    const asked = new Set<string>();
    const calls = sent.map(({ pieces: own }, position): TextCall => {
      const refusal = refusals.get(position) ?? null;
      const isRepeated = refusal === null && own.every((piece) => asked.has(piece));
      for (const piece of own) asked.add(piece);
      return {
        ...callOf(
          own.flatMap((piece) => known.get(piece) ?? []),
          { isRepeated, provider: client.provider, model: client.model },
        ),
        ...(refusal !== null && { attempts: refusal.attempts }),
        refusal,
      };
    });
    return { ...encoded, calls };
  };

  return {
    name: client.model,
    hash,
    /** Known from the first vector on. */
    get dimension() {
      return dimension;
    },
    encode,
    close,
  };
}

/** Number of texts that count as done while some pieces are missing. */
function share(texts: number, missing: number, pieces: number): number {
  return Math.floor((texts * (pieces - missing)) / pieces);
}

/** The vector of a text from those of its pieces, or what is wrong with it. */
function vectorOf(
  pieces: readonly CachedVector[],
  dimension: number,
  isScaled: boolean,
): Float32Array | string {
  const sum = new Float64Array(dimension);
  for (const { stored } of pieces) {
    const { vector } = stored;
    if (vector.length !== dimension) {
      return (
        `gave a vector of ${vector.length} numbers, others have ${dimension}: the server now has another model of this name; ` +
        "encode all texts with one, and name it apart"
      );
    }
    for (let i = 0; i < dimension; i++) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0);
  }
  const length = isScaled
    ? Math.sqrt(sum.reduce((total, value) => total + value * value, 0))
    : pieces.length;
  if (!(length > 0 && Number.isFinite(length))) return "gave no finite vector";
  return Float32Array.from(sum, (value) => value / length);
}

function callOf(
  pieces: readonly CachedVector[],
  { isRepeated, ...asked }: Pick<TextCall, "provider" | "model"> & { readonly isRepeated: boolean },
): Omit<TextCall, "refusal"> {
  const costs = pieces.flatMap(({ stored }) => stored.cost ?? []);
  const total = (values: readonly (number | null)[]): number | null =>
    values.reduce<number | null>(
      (sum, value) => (sum === null || value === null ? null : sum + value),
      0,
    );
  return {
    ...asked,
    key: pieces[0]?.stored.key ?? "",
    promptTokens: total(costs.map(({ promptTokens }) => promptTokens)),
    costUsd: total(costs.map(({ costUsd }) => costUsd)),
    latencyMs: Math.max(0, ...costs.map(({ latencyMs }) => latencyMs)),
    attempts: costs.reduce((sum, { attempts }) => Math.max(sum, attempts), 0),
    isCached: isRepeated || (pieces.length > 0 && pieces.every(({ isCached }) => isCached)),
  };
}
