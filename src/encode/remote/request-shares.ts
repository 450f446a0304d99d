import type { EmbeddingCall } from "../../llm/embeddings/embeddings.ts";
import type { TextCost } from "../cache/vector-cache.ts";

/**
 * Divides the cost of a request among its texts, by their tokens.
 *
 * @param tokens - Tokens of each text, counted or estimated
 */
export function requestShares(
  tokens: readonly number[],
  {
    usage,
    costUsd,
    latencyMs,
    attempts,
  }: Pick<EmbeddingCall, "usage" | "costUsd" | "latencyMs" | "attempts">,
): readonly TextCost[] {
  const total = tokens.reduce((sum, each) => sum + each, 0);
  const used = usage.promptTokens;
  let before = 0;
  return tokens.map((own) => {
    const [from, to] = total === 0 ? [0, 0] : [before / total, (before + own) / total];
    before += own;
    return {
      promptTokens: used === null ? null : Math.round(used * to) - Math.round(used * from),
      costUsd: costUsd === null ? null : costUsd * (to - from),
      latencyMs,
      attempts,
    };
  });
}
