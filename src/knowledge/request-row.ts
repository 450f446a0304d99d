import type { ChatCall } from "../llm/chat.ts";
import type { Row } from "../tables/database.ts";
import type { Subject } from "../base/terms.ts";

/** The step of a strategy that a call belongs to. */
export interface RequestStep {
  /** Variant of the knowledge; null for the teacher's. */
  readonly variant: string | null;
  /** Which of the texts written for the subject, from 0. */
  readonly sample: number;
  /** 0 = first reasoning; r = r-th refinement. */
  readonly round: number;
  readonly role: "actor" | "reflector" | "teacher";
  /** "reason", "reflect", "refine"; the teacher's begin with "construct-". */
  readonly task: string;
  /** 0 = first; above: retries after an unreadable answer. */
  readonly ask: number;
}

/** A call as a row of the table `requests`. */
export function requestRow(
  subject: Subject,
  subjectId: number,
  { variant, sample, round, role, task, ask }: RequestStep,
  call: ChatCall,
): Row {
  const { answer, usage } = call;
  return {
    variant,
    subject,
    subject_id: subjectId,
    sample,
    round,
    role,
    task,
    ask,
    provider: call.provider,
    model: call.model,
    prompt_version: call.promptVersion,
    key: call.key,
    status: answer.status,
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    cached_tokens: usage.cachedTokens,
    cost_usd: call.costUsd,
    latency_ms: call.latencyMs,
    attempts: call.attempts,
    is_cached: call.isCached,
    error: answer.status === "ok" ? null : answer.reason,
  };
}
