import { z } from "zod";
import { reasonOf } from "../../base/errors.ts";
import { TransportError, type AnswerFault, type ChatReply, type Usage } from "../chat.ts";

const tokens = z.int().min(0).nullable().catch(null);
const text = z.string().nullable().catch(null);
const parts = z
  .array(z.object({ text: z.string().catch("") }))
  .transform((list) => list.map((part) => part.text).join(""));

const usage = z
  .object({
    prompt_tokens: tokens,
    completion_tokens: tokens,
    prompt_tokens_details: z.object({ cached_tokens: tokens }).catch({ cached_tokens: null }),
  })
  .catch({
    prompt_tokens: null,
    completion_tokens: null,
    prompt_tokens_details: { cached_tokens: null },
  });

const completion = z.object({
  choices: z.tuple(
    [
      z.object({
        message: z.object({ content: z.union([z.string(), parts]).nullish(), refusal: text }),
        finish_reason: text,
      }),
    ],
    z.unknown(),
  ),
  usage,
});

const failure = z.object({ error: z.object({ message: z.string() }) });

/**
 * Reads the answer from the body of a chat completion, given as parsed JSON or as text. Lenient: unneeded fields may be missing or
 * wrong; an invalid token count is null.
 *
 * @throws TransportError: a prompt fault with its usage for an answer that is cut off, withheld or empty; transient for a body that is no
 *   completion. Its message may quote the server.
 */
export function readReply(body: unknown): ChatReply {
  const json = typeof body === "string" ? jsonOf(body) : body;
  const parsed = completion.safeParse(json);
  if (!parsed.success) throw notACompletion(json);
  const [choice] = parsed.data.choices;
  const { content, refusal } = choice.message;
  const paid = usageOf(parsed.data.usage);
  switch (choice.finish_reason) {
    case "length":
      throw fault("length", "the answer was cut off at the token limit: raise maxTokens", paid);
    case "content_filter":
      throw fault("filtered", "a content filter withheld the answer", paid);
    case "error":
    case "abort":
      throw transient(`the server gave up on the answer (finish_reason ${choice.finish_reason})`);
  }
  if (refusal !== null && refusal !== "") {
    throw fault("filtered", `the model refused: ${refusal}`, paid);
  }
  const answer = content ?? "";
  if (answer.trim() === "") throw fault("empty", "the answer is empty", paid);
  return { text: answer, usage: paid };
}

function usageOf(counted: z.output<typeof usage>): Usage {
  return {
    promptTokens: counted.prompt_tokens,
    completionTokens: counted.completion_tokens,
    cachedTokens: counted.prompt_tokens_details.cached_tokens,
  };
}

function notACompletion(body: unknown): TransportError {
  const failed = failure.safeParse(body);
  if (failed.success) {
    return transient(`the server answered with an error: ${failed.data.error.message}`);
  }
  const shown = body === undefined ? "nothing" : JSON.stringify(body);
  return transient(`the server's answer is no chat completion: ${shown.slice(0, 200)}`);
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw transient(`the server answered with broken JSON: ${reasonOf(error)}`);
  }
}

function transient(message: string): TransportError {
  return new TransportError({ kind: "transient" }, message);
}

function fault(kind: AnswerFault, message: string, paid: Usage): TransportError {
  return new TransportError({ kind: "prompt", fault: kind, usage: paid }, message);
}
