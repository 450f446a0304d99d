import type { Row } from "../../tables/database.ts";
import type { TextCall } from "../model/encoder.ts";
import type { EncodeParams } from "../settings.ts";

/**
 * The cost of a text at a remote encoder, as a row of the table `requests`.
 *
 * @param sample - which of the subject's texts, from 0
 */
export function embeddingRequestRow(
  { subject, variant }: EncodeParams,
  subjectId: number,
  sample: number,
  call: TextCall,
): Row {
  return {
    variant,
    subject,
    subject_id: subjectId,
    sample,
    round: 0,
    role: "encoder",
    task: "embed",
    ask: 0,
    provider: call.provider,
    model: call.model,
    prompt_version: "embeddings",
    key: call.key,
    status: call.refusal?.status ?? "ok",
    prompt_tokens: call.promptTokens,
    completion_tokens: 0,
    cached_tokens: null,
    cost_usd: call.costUsd,
    latency_ms: call.latencyMs,
    attempts: call.attempts,
    is_cached: call.isCached,
    error: call.refusal?.reason ?? null,
  };
}
