/** @file Tables of the stage knowledge. */
import type { Subject } from "../../base/terms.ts";
import { userId, itemId, knowledgeVariant, subjectId } from "./columns.ts";
import { column, type TableSchema } from "./schema.ts";

const knowledge = (subject: Subject): TableSchema => ({
  name: `${subject}_knowledge`,
  about: `What actor and reflector said about each ${subject}, in every round.`,
  grain: ["variant", `${subject}_id`, "sample", "round", "role"],
  order: ["variant", `${subject}_id`, "sample", "round", "role"],
  columns: [
    knowledgeVariant,
    subject === "user" ? userId : itemId,
    column("sample", "INTEGER", "number of the text, from 0; always 0 except for strategy filter"),
    column("round", "INTEGER", "0 = first reasoning; r = r-th refinement"),
    column("role", "VARCHAR", "actor or reflector"),
    column("task", "VARCHAR", "reason, reflect or refine"),
    column("text", "VARCHAR", "actor: the knowledge text; reflector: its raw answer"),
    column("judgement", "VARCHAR", "reflector: reasonable or unreasonable; null for the actor"),
    column("reflection", "VARCHAR", "reflector: what is wrong and why; null when reasonable"),
    column(
      "is_final",
      "BOOLEAN",
      "whether this actor text is encoded: one per subject, for strategy filter as many as are kept, none without a text",
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
    "Every prompt sent for knowledge and every text sent to a remote encoder, with its cost; answers paid for in an earlier run are marked.",
  grain: ["variant", "subject", "subject_id", "sample", "round", "role", "task", "ask"],
  order: ["variant", "subject", "subject_id", "sample", "round", "role", "task", "ask"],
  columns: [
    column("variant", "VARCHAR", "variant the knowledge is for; null for the teacher"),
    column("subject", "VARCHAR", "user or item"),
    subjectId,
    column("sample", "INTEGER", "number of the text, from 0"),
    column("round", "INTEGER", "0 = first reasoning; r = r-th refinement"),
    column("role", "VARCHAR", "actor, reflector, teacher or encoder"),
    column(
      "task",
      "VARCHAR",
      "reason, reflect or refine; the teacher's start with construct-; embed: a text's share of a request for vectors",
    ),
    column(
      "ask",
      "INTEGER",
      "0 = first; higher when asked again because the answer could not be read",
    ),
    column("provider", "VARCHAR", "openai, gguf, batch-jsonl or openai-batch"),
    column("model", "VARCHAR", "model name as the provider knows it"),
    column("prompt_version", "VARCHAR", "version of the prompt"),
    column("key", "VARCHAR", "sha256 of the request: the answer's key in the cache"),
    column("status", "VARCHAR", "ok, rejected, filtered, length, empty or failed"),
    column("prompt_tokens", "INTEGER", "null where the server does not say"),
    column("completion_tokens", "INTEGER", "null where the server does not say"),
    column(
      "cached_tokens",
      "INTEGER",
      "prompt tokens from the server's prefix cache; null = unknown",
    ),
    column("cost_usd", "DOUBLE", "US dollars at the time of payment; null without a price"),
    column("latency_ms", "DOUBLE", "latency of the answered attempt, milliseconds"),
    column("attempts", "INTEGER", "times the request was sent"),
    column("is_cached", "BOOLEAN", "true when this attempt of the task sent nothing for it"),
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
      "true: asked about; false: the vector is made from those of liked items",
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
