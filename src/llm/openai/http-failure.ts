import { APIError } from "openai";
import { z } from "zod";
import type { PresentFault, TransportFault } from "../chat.ts";
import { retryAfterMs } from "./retry-after.ts";
import { isWebPage, pageTitle } from "./web-page.ts";

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

/** A failed attempt. Its message may quote the server, as may the reason of a fault. */
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
      const plain = text !== undefined && isWebPage(text) ? pageTitle(text) : (text ?? "");
      this.said = body === undefined ? plain : JSON.stringify(body);
      this.marks = new Set();
    }
  }
}

/** Refused for now, for want of capacity: too many requests, Groq's 498, Anthropic's 529. */
const busyStatuses = new Set([429, 498, 529]);
/**
 * Client errors that pass: timeout, conflict, locked, failed dependency (how TGI reports a failed generation), too early, and what
 * gateways answer when a connection was closed.
 */
const passingStatuses = new Set([408, 409, 423, 424, 425, 444, 449, 460, 499]);
/** Given up by someone on the way, while the model may have gone on. */
const timeouts = new Set([408, 499, 504, 524]);
/** Whether a request with this status may be answered when it is sent again. */
export function isPassingStatus(status: number): boolean {
  return status >= 500 || busyStatuses.has(status) || passingStatuses.has(status);
}

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
  // Stored with the prompt, so without the endpoint: tables of knowledge do not depend on a server's address.
  const message = `the server answered ${saying}`;
  const prompt: PresentFault = {
    kind: "prompt",
    fault: has(filtered) ? "filtered" : "rejected",
  };

  if (status === 402 || has(noMoney)) {
    return fatal(
      `the account's quota or credit is used up: add credit, or ask another server. ${answer}`,
    );
  }
  if (status === 401 || has(wrongKey)) {
    return fatal(`${url} refuses the key from ${keySource}: ${answer}`);
  }
  if (status === 403) {
    const reason = `${url} refuses the key from ${keySource}, or a firewall the request: ${answer}`;
    return { fault: { kind: "setup", later: prompt, reason }, message };
  }
  if (status === 407) {
    return fatal(
      `the proxy on the way wants a name and a password: put them into the proxy variable, as http://NAME:PASSWORD@HOST:PORT. ${answer}`,
    );
  }
  if (status === 404 || status === 405 || has(noModel)) {
    return fatal(
      `${url} has no model ${model}, or nothing at this address: check model, and that baseUrl ends in /v1. ${answer}`,
    );
  }
  if (status < 400) return fatal(redirected(error, url, answer));
  if (has(wrongSetting)) {
    return fatal(`${url} refuses a setting that every request has: ${fieldCure}. ${answer}`);
  }
  if (busyStatuses.has(status) || (status === 503 && error.headers.has("retry-after"))) {
    return {
      fault: { kind: "busy", retryAfterMs: retryAfterMs(error.headers, nowMs) },
      message: answer,
    };
  }
  if (isPassingStatus(status)) {
    const mayBePaid = timeouts.has(status);
    return {
      fault: { kind: "transient", mayBePaid, isResponse: status === 500 },
      message: answer,
    };
  }
  return { fault: prompt, message };
}

function redirected({ headers }: StatusError, url: string, answer: string): string {
  const location = headers.get("location");
  if (location === null) return `${url} is not the address to ask: ${answer}. Fix baseUrl.`;
  const [target = ""] = URL.canParse(location, `${url}/`)
    ? new URL(location, `${url}/`).href.split(/[?#]/, 1)
    : [location];
  const base = target.replace(/\/(?:chat\/completions|embeddings)\/?$/, "");
  return `${url} redirects to ${target}, and redirects are not followed: set baseUrl to ${base}, if that is the server. ${answer}`;
}

function fatal(message: string): Failure {
  return { fault: { kind: "fatal" }, message };
}
