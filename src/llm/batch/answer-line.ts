import { z } from "zod";
import { reasonOf } from "../../base/errors.ts";
import { TransportError, type AnswerFault, type ChatReply, type Usage } from "../chat.ts";
import { isPassingStatus } from "../openai/http-failure.ts";
import { readReply } from "../openai/read-reply.ts";

/** One line of a batch's output: what became of one request. */
export interface AnswerLine {
  /** The `custom_id`. */
  readonly key: string;
  readonly outcome: AnswerOutcome;
}

/** How a request of a batch ended. */
export type AnswerOutcome =
  | { readonly kind: "answered"; readonly reply: ChatReply }
  /** Permanently without an answer. */
  | {
      readonly kind: "fault";
      readonly fault: AnswerFault;
      readonly reason: string;
      readonly usage: Usage;
    }
  /** To be retried: expired, cancelled, overloaded, or a body without an answer. */
  | {
      readonly kind: "again";
      readonly reason: string;
      /** Whether it may have been charged. */
      readonly mayBePaid: boolean;
    }
  /** 401, 402, 404: nothing of this kind will be answered until the settings or the service are fixed. */
  | { readonly kind: "refused"; readonly reason: string }
  /** 403: the same, or a filter's or a firewall's word on this one request. */
  | { readonly kind: "forbidden"; readonly reason: string };

const line = z.looseObject({
  custom_id: z.string(),
  response: z
    .looseObject({ status_code: z.int(), body: z.unknown() })
    .partial({ body: true })
    .nullish(),
  error: z.unknown(),
});

const message = z.looseObject({ message: z.string(), code: z.unknown() }).partial({ code: true });
const wrapped = z.looseObject({ error: message });

const refused = new Set([401, 402, 404]);
const unknownUsage: Usage = { promptTokens: null, completionTokens: null, cachedTokens: null };

/**
 * Reads a line of OpenAI's output and error files, or of `vllm run-batch`, which puts the server's error beside a response without a
 * body.
 *
 * @throws Error for any other line
 */
export function readAnswerLine(text: string): AnswerLine {
  const { custom_id: key, response, error } = line.parse(JSON.parse(text));
  return { key, outcome: outcomeOf(response ?? null, error) };
}

function outcomeOf(
  response: { readonly status_code: number; readonly body?: unknown } | null,
  error: unknown,
): AnswerOutcome {
  const failure = failureOf(response?.body) ?? failureOf(error);
  const status = response?.status_code ?? (typeof failure?.code === "number" ? failure.code : null);
  if (status === null) return again(failure?.message ?? "no response");
  if (status >= 200 && status < 300) {
    return failure === null ? outcomeOfBody(response?.body) : again(failure.message);
  }
  const reason = `status ${status}: ${failure?.message ?? "no reason given"}`;
  if (refused.has(status)) return { kind: "refused", reason };
  if (status === 403 && failure?.code !== "content_filter") return { kind: "forbidden", reason };
  if (status < 400 || isPassingStatus(status)) return again(reason);
  const fault = failure?.code === "content_filter" ? "filtered" : "rejected";
  return { kind: "fault", fault, reason, usage: unknownUsage };
}

function outcomeOfBody(body: unknown): AnswerOutcome {
  try {
    return { kind: "answered", reply: readReply(body) };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const reason = reasonOf(error);
    const ended = error.fault.kind === "setup" ? error.fault.later : error.fault;
    if (ended.kind !== "prompt") {
      return again(reason, "mayBePaid" in ended && ended.mayBePaid);
    }
    const { fault, usage = unknownUsage } = ended;
    // A body of an unknown shape was paid for: asked again it would come back the same.
    return { kind: "fault", fault: fault === "failed" ? "rejected" : fault, reason, usage };
  }
}

function again(reason: string, mayBePaid = false): AnswerOutcome {
  return { kind: "again", reason, mayBePaid };
}

/** The error in a body or in an error field: an object, an object in an object, or a text. */
function failureOf(value: unknown): { readonly message: string; readonly code?: unknown } | null {
  if (typeof value === "string" && value !== "") return { message: value };
  const inner = wrapped.safeParse(value);
  if (inner.success) return inner.data.error;
  const plain = message.safeParse(value);
  return plain.success ? plain.data : null;
}
