/** @file Tables of the stage knowledge. */
import type { Subject } from "../../base/terms.ts";
import { userId, itemId, knowledgeVariant } from "./columns.ts";
import { column, type TableSchema } from "./schema.ts";

const knowledge = (subject: Subject): TableSchema => ({
  name: `${subject}_knowledge`,
  about: `What actor and reflector said about each ${subject}, every round kept.`,
  grain: ["variant", `${subject}_id`, "sample", "round", "role"],
  order: ["variant", `${subject}_id`, "sample", "round", "role"],
  columns: [
    knowledgeVariant,
    subject === "user" ? userId : itemId,
    column(
      "sample",
      "INTEGER",
      "which of the texts written for it, from 0; 0 alone but for strategy filter",
    ),
    column("round", "INTEGER", "0 = first reasoning; r = r-th refinement"),
    column("role", "VARCHAR", "actor or reflector"),
    column("task", "VARCHAR", "reason, reflect or refine"),
    column("text", "VARCHAR", "actor: the knowledge text; reflector: its raw answer"),
    column("judgement", "VARCHAR", "reflector: reasonable or unreasonable; null for the actor"),
    column("reflection", "VARCHAR", "reflector: what is wrong and why; null when reasonable"),
    column(
      "is_final",
      "BOOLEAN",
      "an actor text that is encoded; one a subject, of strategy filter as many as are kept; none where there is no text",
    ),
    column("provider", "VARCHAR", "who answered: profiler or a chat provider"),
    column("model", "VARCHAR", "model name as the provider knows it"),
    column("prompt_version", "VARCHAR", "version of the prompt or rules used"),
    column("error", "VARCHAR", "why there is no text; null when there is"),
  ],
});

export const requests: TableSchema = {
  name: "requests",
  about:
    "Every prompt that knowledge took, and every text sent to a remote encoder, with what it cost; an answer paid for in an earlier run says so.",
  grain: ["variant", "subject", "subject_id", "sample", "round", "role", "task", "ask"],
  order: ["variant", "subject", "subject_id", "sample", "round", "role", "task", "ask"],
  columns: [
    column("variant", "VARCHAR", "whose knowledge it was for; null for the teacher's"),
    column("subject", "VARCHAR", "user or item"),
    column("subject_id", "INTEGER", "user or item, as in the source"),
    column("sample", "INTEGER", "which of the texts written for it, from 0"),
    column("round", "INTEGER", "0 = first reasoning; r = r-th refinement"),
    column("role", "VARCHAR", "actor, reflector, teacher or encoder"),
    column(
      "task",
      "VARCHAR",
      "reason, reflect or refine; the teacher's begin with construct-; embed: a text's share of a request for vectors",
    ),
    column("ask", "INTEGER", "0 = first; above, asked again because the answer could not be read"),
    column("provider", "VARCHAR", "openai, gguf, batch-jsonl or openai-batch"),
    column("model", "VARCHAR", "model name as the provider knows it"),
    column("prompt_version", "VARCHAR", "version of the prompt"),
    column("key", "VARCHAR", "sha256 of what was asked: the answer's name in the cache"),
    column("status", "VARCHAR", "ok, rejected, filtered, length, empty or failed"),
    column("prompt_tokens", "INTEGER", "null where the server does not say"),
    column("completion_tokens", "INTEGER", "null where the server does not say"),
    column(
      "cached_tokens",
      "INTEGER",
      "of the prompt, from the server's prefix cache; null = unknown",
    ),
    column("cost_usd", "DOUBLE", "US dollars when it was paid; null without a price"),
    column("latency_ms", "DOUBLE", "of the attempt that was answered"),
    column("attempts", "INTEGER", "how often it was sent"),
    column("is_cached", "BOOLEAN", "true when nothing was sent for it in this attempt of the task"),
    column("error", "VARCHAR", "why there is no answer; null when there is"),
  ],
};

const userTiers: TableSchema = {
  name: "user_tiers",
  about: "Which users are active enough to be asked about, when knowledge.tiers is set.",
  grain: ["user_id"],
  order: ["user_id"],
  columns: [
    userId,
    column("interactions", "INTEGER", "events of the user in context and training"),
    column(
      "is_active",
      "BOOLEAN",
      "asked about; the others' vectors are those of items they liked",
    ),
  ],
};

/** Who is active enough to be asked about. */
export const tiersTables: readonly TableSchema[] = [userTiers];

/** What actor and reflector wrote, and every call to a model. */
export const knowledgeTables: readonly TableSchema[] = [
  knowledge("user"),
  knowledge("item"),
  requests,
];
