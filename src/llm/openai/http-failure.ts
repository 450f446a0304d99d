import { APIError } from "openai";
import { z } from "zod";
import type { TransportFault } from "../chat.ts";
import { retryAfterMs } from "./retry-after.ts";

/** What messages about an endpoint name. */
export interface EndpointNames {
  /** Without the query. */
  readonly url: string;
  readonly model: string;
  /** Where its key comes from. */
  readonly keySource: string;
  /** How to fix a field that the server refuses. */
  readonly fieldCure: string;
}

/** A failed attempt. Its message may quote the server. */
export interface Failure {
  readonly fault: TransportFault;
  readonly message: string;
}

const word = z.union([z.string(), z.number()]).transform(String).nullish().catch(null);
const described = z.object({ message: z.string(), code: word, type: word, param: word });
const unmarked = { code: null, type: null, param: null };
const errorBody = z.union([
  z.object({ error: described }).transform((body) => body.error),
  described,
  z.object({ error: z.string() }).transform((body) => ({ message: body.error, ...unmarked })),
  z.object({ detail: z.string() }).transform((body) => ({ message: body.detail, ...unmarked })),
]);

/** A response with a status other than 2xx, with the server's explanation, in any of the usual shapes. */
export class StatusError extends APIError<number, Headers, undefined> {
  readonly said: string;
  /** The server's code, type and parameter, such as `insufficient_quota`. */
  readonly marks: ReadonlySet<string>;

  /** @param body - Parsed body; undefined when `text` is not JSON */
  constructor(status: number, body: unknown, text: string | undefined, headers: Headers) {
    super(status, undefined, undefined, headers);
    const parsed = errorBody.safeParse(body);
    if (parsed.success) {
      const { message, code, type, param } = parsed.data;
      this.said = message;
      this.marks = new Set([code, type, param].filter((mark) => typeof mark === "string"));
    } else {
      this.said = body === undefined ? (text ?? "") : JSON.stringify(body);
      this.marks = new Set();
    }
  }
}

const transientStatuses = new Set([408, 409, 425]);
const wrongKey = ["invalid_api_key", "invalid_authentication"];
const noModel = ["model_not_found", "DeploymentNotFound"];
const noMoney = ["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"];
const filtered = ["content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"];
const wrongSetting = ["unsupported_parameter", "unsupported_value", "unknown_parameter"];

/**
 * Tells whether a failed response means that the run, the prompt or only the attempt has failed.
 *
 * @param nowMs - Milliseconds since 1970, for headers that contain a time
 */
export function statusFailure(error: StatusError, names: EndpointNames, nowMs: number): Failure {
  const { status, said, marks } = error;
  const { url, model, keySource, fieldCure } = names;
  const saying = `${status}${said === "" ? "" : `: ${said.trim()}`}`;
  const answer = `${url} answered ${saying}`;
  const has = (some: readonly string[]): boolean => some.some((mark) => marks.has(mark));

  if (status === 401 || status === 403 || has(wrongKey)) {
    return fatal(`${url} refuses the key from ${keySource}: ${answer}`);
  }
  if (status === 402 || has(noMoney)) return fatal(`the account's quota is used up: ${answer}`);
  if (status === 404 || status === 405 || has(noModel)) {
    return fatal(
      `${url} has no model ${model}, or nothing at this address: check model, and that baseUrl ends in /v1. ${answer}`,
    );
  }
  if (status < 400) return fatal(`${url} is not the address to ask: ${answer}. Fix baseUrl.`);
  if (has(wrongSetting)) {
    return fatal(`${url} refuses a setting that every request has: ${fieldCure}. ${answer}`);
  }
  if (status === 429 || (status === 503 && error.headers.has("retry-after"))) {
    return {
      fault: { kind: "busy", retryAfterMs: retryAfterMs(error.headers, nowMs) },
      message: answer,
    };
  }
  if (status >= 500 || transientStatuses.has(status)) {
    return { fault: { kind: "transient" }, message: answer };
  }
  return {
    fault: { kind: "prompt", fault: has(filtered) ? "filtered" : "rejected" },
    // Stored with the prompt, so without the endpoint: tables of knowledge do not depend on a server's address.
    message: `the server answered ${saying}`,
  };
}

function fatal(message: string): Failure {
  return { fault: { kind: "fatal" }, message };
}
