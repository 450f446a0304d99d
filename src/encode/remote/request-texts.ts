import { FlowError } from "../../base/errors.ts";
import type { TokenCounter } from "../../llm/count-tokens.ts";
import type { EmbeddingClient, EmbeddingCall } from "../../llm/embeddings/embeddings.ts";
import type { KeepVector, MissingText } from "../cache/cached-vectors.ts";
import { requestShares } from "./request-shares.ts";

/** Asks for vectors, several texts per request. */
export interface TextRequester {
  /**
   * @param nameText - Names the text at a position in errors
   * @throws FlowError `INPUT_INVALID` naming a text that the server refuses on its own, and what the client throws
   */
  readonly request: (
    texts: readonly MissingText[],
    keep: KeepVector,
    options: {
      readonly signal: AbortSignal;
      readonly nameText: (position: number) => string;
      readonly onDone: (texts: number) => void;
    },
  ) => Promise<void>;
}

export interface TextRequesterOptions {
  readonly client: EmbeddingClient;
  readonly counter: TokenCounter;
  readonly textsPerRequest: number;
  readonly tokensPerRequest: number;
}

interface SizedText extends MissingText {
  readonly tokens: number;
}

/**
 * Texts of similar length share a request. A refused request is split in halves, which finds the server's limit of texts per request, kept
 * from then on, or the text that it refuses.
 */
export function textRequester({
  client,
  counter,
  textsPerRequest,
  tokensPerRequest,
}: TextRequesterOptions): TextRequester {
  let mostTexts = textsPerRequest;
  let hasAnswered = false;

  const request: TextRequester["request"] = async (texts, keep, options) => {
    const { signal, nameText, onDone } = options;
    const queue = texts
      .map((text): SizedText => ({ ...text, tokens: counter.count(text.text) }))
      .sort((a, b) => b.tokens - a.tokens);
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

    const send = async (group: readonly SizedText[]): Promise<void> => {
      const sent = group.map(({ text }) => text);
      const refusal = await client.embed(sent, signal, (call) =>
        keepAll(group, call, counter, keep),
      );
      if (refusal === null) {
        hasAnswered = true;
        done += group.length;
        onDone(done);
        return;
      }
      const [first] = group;
      if (group.length === 1 && first !== undefined) {
        throw new FlowError(
          "INPUT_INVALID",
          `${nameText(first.position)}: ${client.model} does not encode the text: ${refusal.reason}. A text that is too long is cut ` +
            "where encode.maxTokens says what the model reads, and encode.remote.tokenizer how it counts.",
        );
      }
      const half = Math.ceil(group.length / 2);
      mostTexts = Math.min(mostTexts, half);
      await send(group.slice(0, half));
      await send(group.slice(half));
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
  };

  return { request };
}

function rethrow(failure: { readonly thrown: unknown } | null): void {
  if (failure !== null) throw failure.thrown;
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
