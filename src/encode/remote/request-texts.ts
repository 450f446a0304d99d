import { FlowError } from "../../base/errors.ts";
import type { TokenCounter } from "../../llm/count-tokens.ts";
import type {
  EmbeddingCall,
  EmbeddingClient,
  EmbeddingRefusal,
} from "../../llm/embeddings/embeddings.ts";
import type { KeepVector, MissingText } from "../cache/cached-vectors.ts";
import type { EncodeOptions } from "../model/encoder.ts";
import { encodesNothing } from "../text-errors.ts";
import { requestShares } from "./request-shares.ts";

/** Asks for vectors, several texts per request. */
export interface TextRequester {
  /**
   * @param nameText - Names the text at a position in errors
   * @returns The texts that the server refuses on their own
   * @throws FlowError `INPUT_INVALID` when it refuses all of its first texts, and what the client throws
   */
  readonly request: (
    texts: readonly MissingText[],
    keep: KeepVector,
    options: {
      readonly signal: AbortSignal;
      /** Whether the server is known to encode texts. */
      readonly hasVectors: boolean;
      readonly nameText: (position: number) => string;
      readonly onDone: (texts: number) => void;
      readonly onTrouble: NonNullable<EncodeOptions["onTrouble"]>;
    },
  ) => Promise<ReadonlyMap<string, EmbeddingRefusal>>;
}

export interface TextRequesterOptions {
  readonly client: EmbeddingClient;
  readonly counter: TokenCounter;
  readonly textsPerRequest: number;
  readonly tokensPerRequest: number;
  /** Whether vectors will be scaled, which one of zeros cannot be: its text then counts as refused. */
  readonly isScaled: boolean;
}

interface SizedText extends MissingText {
  readonly tokens: number;
}

/** When so many texts have no vector and none has one, it is not the texts. */
const trialTexts = 20;

/**
 * Texts of similar length share a request. A refused request is split in halves, which finds the server's limit of texts per request, kept
 * from then on, or the texts that it refuses.
 */
export function textRequester({
  client,
  counter,
  textsPerRequest,
  tokensPerRequest,
  isScaled,
}: TextRequesterOptions): TextRequester {
  let mostTexts = textsPerRequest;
  let hasAnswered = false;
  let refusedBefore = 0;

  const request: TextRequester["request"] = async (texts, keep, options) => {
    const { signal, hasVectors, nameText, onDone, onTrouble } = options;
    const queue = texts
      .map((text): SizedText => ({ ...text, tokens: counter.count(text.text) }))
      .sort((a, b) => b.tokens - a.tokens);
    const refused = new Map<string, EmbeddingRefusal>();
    let next = 0;
    let done = 0;

    const take = (): readonly SizedText[] => {
      const start = next;
      let tokens = 0;
      while (next < queue.length && next - start < mostTexts) {
        tokens += queue[next]?.tokens ?? 0;
        if (next > start && tokens > tokensPerRequest) break;
        next += 1;
      }
      return queue.slice(start, next);
    };

    const refuse = ({ text, position }: SizedText, refusal: EmbeddingRefusal): void => {
      refused.set(text, refusal);
      done += 1;
      onDone(done);
      if (refusal.isAboutSize) return; // parts of the text may be encoded
      onTrouble({ refused: 1, retries: 0 });
      if (hasAnswered || hasVectors) return;
      refusedBefore += 1;
      if (refusedBefore < trialTexts) return;
      throw encodesNothing(client.model, refusedBefore, `${nameText(position)}: ${refusal.reason}`);
    };

    /** @returns Whether a text of the group was refused on its own */
    const send = async (group: readonly SizedText[]): Promise<boolean> => {
      const sent = group.map(({ text }) => text);
      let zeros: readonly SizedText[] = [];
      const refusal = await client.embed(sent, signal, (call) => {
        if (call.attempts > 1) onTrouble({ refused: 0, retries: call.attempts - 1 });
        if (isScaled) zeros = group.filter((_, place) => isZero(call, place));
        return keepAll(group, call, counter, (text, vector) =>
          zeros.some(({ position }) => position === text.position)
            ? Promise.resolve()
            : keep(text, vector),
        );
      });
      if (refusal !== null && refusal.attempts > 1) {
        onTrouble({ refused: 0, retries: refusal.attempts - 1 });
      }
      if (refusal === null) {
        hasAnswered ||= zeros.length < group.length;
        done += group.length - zeros.length;
        onDone(done);
        for (const text of zeros) refuse(text, zeroVector);
        return false;
      }
      const [first] = group;
      if (group.length === 1 && first !== undefined) {
        refuse(first, refusal);
        return true;
      }
      const half = Math.ceil(group.length / 2);
      const before = mostTexts;
      mostTexts = Math.min(mostTexts, half);
      const inFirst = await send(group.slice(0, half));
      const inSecond = await send(group.slice(half));
      const isText = inFirst || inSecond;
      // One text was the reason, not their number.
      if (isText) mostTexts = Math.max(mostTexts, before);
      return isText;
    };

    let failure: { readonly thrown: unknown } | null = null;
    const lane = async (): Promise<void> => {
      while (failure === null && next < queue.length) {
        await send(take()).catch((thrown: unknown) => {
          failure ??= { thrown };
        });
      }
    };
    // One request first: it shows whether the server refuses the settings, or this many texts at once.
    if (!hasAnswered && queue.length > 0) await send(take());
    await Promise.all(Array.from({ length: client.inFlight }, lane));
    rethrow(failure);
    return refused;
  };

  return { request };
}

function rethrow(failure: { readonly thrown: unknown } | null): void {
  if (failure !== null) throw failure.thrown;
}

const zeroVector: EmbeddingRefusal = {
  ...{ fault: "failed", isAboutSize: false, attempts: 1 },
  reason: "the server gave a vector of zeros, which has no direction",
};

function isZero({ vectors, dimension }: EmbeddingCall, place: number): boolean {
  return vectors.subarray(place * dimension, (place + 1) * dimension).every((value) => value === 0);
}

async function keepAll(
  group: readonly SizedText[],
  call: EmbeddingCall,
  counter: TokenCounter,
  keep: KeepVector,
): Promise<void> {
  const { vectors, dimension, usage } = call;
  const counted = group.reduce((sum, { tokens }) => sum + tokens, 0);
  if (counter.method === "exact" && usage.promptTokens !== null && usage.promptTokens < counted) {
    throw new FlowError(
      "INPUT_INVALID",
      `the server read ${usage.promptTokens} tokens of texts that have ${counted}: it cuts texts off. Set encode.maxTokens to what the ` +
        "model reads, so that nothing is lost unseen; or the tokenizer of encode.remote.tokenizer is another model's.",
    );
  }
  const costs = requestShares(
    group.map(({ tokens }) => tokens),
    call,
  );
  await Promise.all(
    group.map((text, place) => {
      const cost = costs[place] ?? null;
      return keep(text, {
        vector: vectors.slice(place * dimension, (place + 1) * dimension),
        tokens: counter.method === "exact" ? text.tokens : (cost?.promptTokens ?? text.tokens),
        chunks: 1,
        truncated: 0,
        cost,
      });
    }),
  );
}
