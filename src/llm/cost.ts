import type { ChatPayload, Usage } from "./chat.ts";
import type { Prices } from "./settings.ts";

/** US dollars per million tokens of one model. */
export type Price = Prices[string];

const million = 1_000_000;
const charactersPerToken = 4;

/**
 * What an answer cost, US dollars; null when the price or the tokens are unknown. Cached tokens of the prompt have their own
 * price; where the server does not tell them apart, all count as uncached.
 */
export function costUsd(usage: Usage, price: Price | null): number | null {
  const { promptTokens, completionTokens } = usage;
  if (price === null || promptTokens === null || completionTokens === null) return null;
  const cached = Math.min(usage.cachedTokens ?? 0, promptTokens);
  const prompt =
    (promptTokens - cached) * price.prompt + cached * (price.cachedPrompt ?? price.prompt);
  return (prompt + completionTokens * price.completion) / million;
}

/** Estimated tokens of a text: one per four characters. */
export function estimatedTokens(characters: number): number {
  return Math.ceil(characters / charactersPerToken);
}

/** What a request may cost at most, US dollars: should cached tokens cost more than others, all may be cached. */
export function mostCostUsd(most: Usage, price: Price | null): number | null {
  if (price === null) return null;
  return costUsd(most, { ...price, prompt: Math.max(price.prompt, price.cachedPrompt ?? 0) });
}

/** Estimated tokens of a prompt with the longest answer, for limits of tokens per minute. */
export function estimatedRequest({
  messages,
  sampling,
}: Pick<ChatPayload, "messages" | "sampling">): number {
  let characters = 0;
  for (const { content } of messages) characters += content.length;
  return estimatedTokens(characters) + sampling.maxTokens;
}

/** Prompt and answer together; null when either is unknown. */
export function allTokens({ promptTokens, completionTokens }: Usage): number | null {
  return promptTokens === null || completionTokens === null
    ? null
    : promptTokens + completionTokens;
}
