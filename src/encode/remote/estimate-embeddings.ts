import { z } from "zod";
import type { Catalog } from "../../flow/stage.ts";
import { costUsd, estimatedTokens } from "../../llm/cost.ts";
import { openTokenCounter, type TokenCounter } from "../../llm/count-tokens.ts";
import type { Prices } from "../../llm/settings.ts";
import type { Database } from "../../tables/database.ts";
import { mountChecked } from "../../tables/mount-checked.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import type { EncodeSettings } from "../encoder-settings.ts";

/** What is left to ask a remote encoder. */
export interface EmbeddingEstimate {
  readonly variant: string;
  readonly model: string;
  /** Different ones. */
  readonly texts: number;
  /** At least. */
  readonly calls: number;
  readonly promptTokens: number;
  /** How tokens were counted; "assumed" when the texts do not exist yet. */
  readonly tokens: TokenCounter["method"] | "assumed";
  /** US dollars; null when the model has no price. */
  readonly costUsd: number | null;
}

/** A remote encoder that still has texts to encode. */
export interface EmbeddingsLeft {
  readonly variant: string;
  readonly model: string;
  readonly settings: EncodeSettings;
  readonly prices: Prices;
}

interface Amount {
  readonly texts: number;
  readonly promptTokens: number;
  readonly tokens: EmbeddingEstimate["tokens"];
}

const totals = z.tuple([
  z.object({ texts: z.int(), characters: z.number(), some_texts: z.array(z.string()) }),
]);

/**
 * Estimates calls, tokens and cost of encoding existing texts. Cached vectors are not looked up, although they would cost nothing.
 *
 * @param knowledge - Parts of `user_knowledge` and `item_knowledge` that are left to encode
 * @throws FlowError `CONFIG_INVALID` for a tokenizer that cannot be read
 */
export async function estimateEmbeddings(
  database: Database,
  left: EmbeddingsLeft,
  { knowledge, runDir }: { readonly knowledge: Catalog; readonly runDir: string },
): Promise<EmbeddingEstimate> {
  const db = await mountChecked(database, knowledge, runDir);
  const [found] = totals.parse(await db.rows(sqlFile("encode/text_totals")));
  const counter = await openTokenCounter(left.settings.remote.tokenizer);
  const { texts, characters, some_texts: some } = found;
  const sampled = some.reduce((sum, text) => sum + text.length, 0);
  const counted = some.reduce((sum, text) => sum + counter.count(text), 0);
  const promptTokens = sampled === 0 ? 0 : Math.round((characters * counted) / sampled);
  return estimateOf(left, { texts, promptTokens, tokens: counter.method });
}

/**
 * Estimates the same for texts that do not exist yet.
 *
 * @param characters - Assumed length of each text
 */
export function assumeEmbeddings(
  left: EmbeddingsLeft,
  texts: number,
  characters: number,
): EmbeddingEstimate {
  return estimateOf(left, {
    texts,
    promptTokens: texts * estimatedTokens(characters),
    tokens: "assumed",
  });
}

function estimateOf(
  { variant, model, settings, prices }: EmbeddingsLeft,
  { texts, promptTokens, tokens }: Amount,
): EmbeddingEstimate {
  const { textsPerRequest, tokensPerRequest } = settings.remote;
  const usage = { promptTokens, completionTokens: 0, cachedTokens: null };
  return {
    ...{ variant, model, texts, promptTokens, tokens },
    calls: Math.max(Math.ceil(texts / textsPerRequest), Math.ceil(promptTokens / tokensPerRequest)),
    costUsd: costUsd(usage, prices[model] ?? null),
  };
}
