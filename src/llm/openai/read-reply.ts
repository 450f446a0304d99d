import { z } from "zod";
import { endingOf } from "./finish-reason.ts";
import { message } from "./message-text.ts";
import { quoted } from "./quoted.ts";
import { TransportError, type AnswerFault, type ChatReply, type Usage } from "../chat.ts";

const tokens = z.int().min(0).nullable().catch(null);
const text = z.string().nullable().catch(null);

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
        message,
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
 * @throws TransportError: a prompt fault with its usage for an answer that is cut off, withheld or empty; a wrong setting for a body of
 *   another shape; transient for a damaged one. Its message may quote the server.
 */
export function readReply(body: unknown): ChatReply {
  const json = typeof body === "string" ? jsonOf(body) : body;
  const parsed = completion.safeParse(json);
  if (!parsed.success) throw notACompletion(json);
  const [choice] = parsed.data.choices;
  const { text: answer, refusal, hasThinking } = choice.message;
  const paid = usageOf(parsed.data.usage);
  const reason = choice.finish_reason ?? "";
  const named = ["length", "content_filter"].includes(reason) ? "" : ` (finish_reason ${reason})`;
  switch (endingOf(reason)) {
    case "length":
      throw fault(
        "length",
        `the answer was cut off at the token limit${named}: raise maxTokens`,
        paid,
      );
    case "filtered":
      throw fault("filtered", `a content filter withheld the answer${named}`, paid);
    case "aborted": {
      const told = `the server gave up on the answer (finish_reason ${reason})`;
      throw new TransportError({ kind: "transient", mayBePaid: true }, told);
    }
    case "unknown":
      throw fault("length", `the answer ended with finish_reason ${reason}, not with stop`, paid);
    case "complete":
      break;
  }
  if (refusal !== "") throw fault("filtered", `the model refused: ${refusal}`, paid);
  if (answer.trim() === "") {
    const thinking = hasThinking
      ? ": the model only thought. Raise maxTokens, or switch its thinking off in sampling.extra"
      : "";
    throw fault("empty", `the answer is empty${thinking}`, paid);
  }
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
  const told = `the server's answer is no chat completion: ${quoted(body)}`;
  // Another attempt would be charged again, and have the same shape.
  return new TransportError(
    {
      kind: "setup",
      later: { kind: "prompt", fault: "failed" },
      reason: `check that baseUrl and model are those of a chat model: ${told}`,
    },
    told,
  );
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const message = `the server answered with broken JSON: ${quoted(body)}`;
    throw new TransportError({ kind: "transient", mayBePaid: true }, message);
  }
}

function transient(message: string): TransportError {
  return new TransportError({ kind: "transient" }, message);
}

function fault(kind: AnswerFault, message: string, paid: Usage): TransportError {
  return new TransportError({ kind: "prompt", fault: kind, usage: paid }, message);
}
