import { z } from "zod";
import type { Database } from "../../tables/database.ts";
import { queryRows } from "../collect/query-rows.ts";
import type { RoleCost } from "./run-comparison.ts";

const costRow = z
  .object({
    role: z.string(),
    model: z.string(),
    requests: z.number(),
    prompt_tokens: z.number().nullable(),
    completion_tokens: z.number().nullable(),
    cost_usd: z.number().nullable(),
    is_partly_unpriced: z.boolean(),
  })
  .transform((row): RoleCost => ({
    ...{ role: row.role, model: row.model, requests: row.requests },
    promptTokens: row.prompt_tokens,
    completionTokens: row.completion_tokens,
    costUsd: row.cost_usd,
    isPartlyUnpriced: row.is_partly_unpriced,
  }));

/** What a run asked of language models and encoders; empty without requests. */
export function collectCosts(db: Database): Promise<readonly RoleCost[]> {
  return queryRows(db, "run_costs", costRow);
}
