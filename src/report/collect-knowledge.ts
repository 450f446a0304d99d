import { z } from "zod";
import type { Database } from "../tables/database.ts";
import { queryRows } from "./query-rows.ts";
import type {
  KnowledgeResults,
  KnowledgeRound,
  KnowledgeWriter,
  VectorCounts,
} from "./run-results.ts";

const subject = z.enum(["user", "item"]);

const roundRow = z
  .object({
    subject,
    round: z.number(),
    texts: z.number(),
    reasonable: z.number(),
    unreasonable: z.number(),
    final_texts: z.number(),
    errors: z.number(),
  })
  .transform(({ final_texts, ...row }): KnowledgeRound => ({ ...row, finalTexts: final_texts }));

const writerRow = z
  .object({
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

const vectorRow = z
  .object({
    subject,
    encoder: z.string(),
    vectors: z.number(),
    dimensions: z.number(),
    mean_tokens: z.number(),
    max_tokens: z.number(),
  })
  .transform((row): VectorCounts => ({
    subject: row.subject,
    encoder: row.encoder,
    vectors: row.vectors,
    dimensions: row.dimensions,
    meanTokens: row.mean_tokens,
    maxTokens: row.max_tokens,
  }));

/** What was written, judged, refined and encoded. Empty lists for tables without rows. */
export async function collectKnowledge(db: Database): Promise<KnowledgeResults> {
  return {
    rounds: await queryRows(db, "knowledge_rounds", roundRow),
    writers: await queryRows(db, "knowledge_writers", writerRow),
    vectors: await queryRows(db, "embedding_counts", vectorRow),
  };
}
