/** @file Upper bounds of what a request can be charged for, in tokens. */
import type { Json } from "../base/json.ts";
import type { ChatPayload, Sampling, Usage } from "./chat.ts";

/** What a server's chat template may add, such as a date or a system prompt of its own. */
const templateTokens = 512;
/** Marks around a message, or around a text to be encoded. */
const marksTokens = 16;
/** Names by which servers take the most tokens of an answer. */
const limitFields = [
  "max_tokens",
  "max_completion_tokens",
  "max_new_tokens",
  "max_output_tokens",
  "num_predict",
];

/**
 * The most tokens that an answer can have: what the request limits it to, by any of the names in use; the highest of several. Null when
 * `sampling.extra` takes the limit out.
 */
export function answerLimit({
  maxTokens,
  extra,
}: Pick<Sampling, "maxTokens" | "extra">): number | null {
  const sent: Readonly<Record<string, Json>> = { max_tokens: maxTokens, ...extra };
  const limits = limitFields.flatMap((field) => {
    const limit = sent[field];
    return typeof limit === "number" && limit > 0 ? [limit] : [];
  });
  return limits.length === 0 ? null : Math.max(...limits);
}

/**
 * The most tokens of a request. A token of a prompt is at least one byte of UTF-8, so the prompt has no more of them than bytes, with
 * the schema, the extra fields and what a chat template adds; the answer has no more than the request allows.
 */
export function mostUsage({
  messages,
  sampling,
  schema,
}: Pick<ChatPayload, "messages" | "sampling" | "schema">): Usage {
  let promptTokens = templateTokens + bytesOf(sampling.extra) + bytesOf(schema);
  for (const { content } of messages) promptTokens += marksTokens + Buffer.byteLength(content);
  const completionTokens = answerLimit(sampling) ?? sampling.maxTokens;
  return { promptTokens, completionTokens, cachedTokens: null };
}

/** The most tokens of texts to be encoded, as for {@link mostUsage}. */
export function mostUsageOfTexts(texts: readonly string[]): Usage {
  let promptTokens = 0;
  for (const text of texts) promptTokens += marksTokens + Buffer.byteLength(text);
  return { promptTokens, completionTokens: 0, cachedTokens: null };
}

/** The server's own counts, and the most that it can have been where it did not count. */
export function atMost(counted: Usage, most: Usage): Usage {
  return {
    promptTokens: counted.promptTokens ?? most.promptTokens,
    completionTokens: counted.completionTokens ?? most.completionTokens,
    cachedTokens: counted.cachedTokens,
  };
}

const sizes = new WeakMap<object, number>();

/** Of settings, which many requests share. */
function bytesOf(value: object | null): number {
  if (value === null) return 0;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  sizes.set(value, bytes);
  return bytes;
}
