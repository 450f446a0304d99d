import { z } from "zod";
import type { Database } from "../../tables/database.ts";
import { queryRows } from "./query-rows.ts";
import type {
  KnowledgeResults,
  KnowledgeRound,
  KnowledgeWriter,
  VectorCounts,
} from "../run-results.ts";

const subject = z.enum(["user", "item"]);

const roundRow = z
  .object({
    variant: z.string(),
    subject,
    round: z.number(),
    texts: z.number(),
    reasonable: z.number(),
    unreasonable: z.number(),
    final_texts: z.number(),
    exhausted: z.number(),
    unreadable: z.number(),
    errors: z.number(),
    mean_words: z.number().nullable(),
    reasonable_share: z.number().nullable(),
    calls: z.number(),
    prompt_tokens: z.number().nullable(),
    completion_tokens: z.number().nullable(),
    cached_tokens: z.number().nullable(),
    cost_usd: z.number().nullable(),
  })
  .transform(
    ({
      final_texts,
      mean_words,
      reasonable_share,
      prompt_tokens,
      completion_tokens,
      cached_tokens,
      cost_usd,
      ...row
    }): KnowledgeRound => ({
      ...row,
      finalTexts: final_texts,
      meanWords: mean_words,
      reasonableShare: reasonable_share,
      promptTokens: prompt_tokens,
      completionTokens: completion_tokens,
      cachedTokens: cached_tokens,
      costUsd: cost_usd,
    }),
  );

const writerRow = z
  .object({
    variant: z.string(),
    subject,
    role: z.string(),
    provider: z.string(),
    model: z.string(),
    prompt_version: z.string(),
    answers: z.number(),
  })
  .transform(({ prompt_version, ...row }): KnowledgeWriter => ({
    ...row,
    promptVersion: prompt_version,
  }));

const errorRow = z.object({
  variant: z.string().nullable(),
  subject,
  role: z.string(),
  kind: z.string(),
  rows: z.number(),
  prompts: z.number(),
});

const vectorRow = z
  .object({
    variant: z.string(),
    subject,
    encoder: z.string(),
    origin: z.enum(["text", "liked items", "file"]),
    vectors: z.number(),
    dimensions: z.number(),
    mean_tokens: z.number().nullable(),
    max_tokens: z.number().nullable(),
  })
  .transform((row): VectorCounts => ({
    variant: row.variant,
    subject: row.subject,
    encoder: row.encoder,
    origin: row.origin,
    vectors: row.vectors,
    dimensions: row.dimensions,
    meanTokens: row.mean_tokens,
    maxTokens: row.max_tokens,
  }));

/** Texts written, judged, refined and encoded. Lists are empty for tables without rows. */
export async function collectKnowledge(db: Database): Promise<KnowledgeResults> {
  return {
    rounds: await queryRows(db, "knowledge_rounds", roundRow),
    writers: await queryRows(db, "knowledge_writers", writerRow),
    errors: await queryRows(db, "missing_answers", errorRow),
    vectors: await queryRows(db, "embedding_counts", vectorRow),
  };
}
