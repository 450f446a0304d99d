import { z } from "zod";
import { StatusError, statusFailure, type EndpointNames, type Failure } from "./http-failure.ts";
import { isWebPage, pageTitle } from "./web-page.ts";

/** The JSON of a successful response, or its text if it is none; or why it is no answer. */
export type ReadBody = { readonly json: unknown } | Failure;

const code = z.union([z.number(), z.string().regex(/^\d{3}$/)]).transform(Number);
const error = z.union([
  z.string(),
  z.looseObject({ message: z.string(), code: z.unknown(), type: z.unknown() }).partial({
    code: true,
    type: true,
  }),
]);
const errorBody = z.looseObject({ error, choices: z.undefined(), data: z.undefined() }).partial({
  choices: true,
  data: true,
});

/**
 * Reads the body of a response with status 200, of whatever is asked for: a web page, an event stream and an error are no answers, and
 * are told apart from one that was damaged on the way.
 *
 * @param body - As text, or parsed
 * @param nowMs - As for {@link statusFailure}
 */
export function readBody(body: unknown, names: EndpointNames, nowMs: number): ReadBody {
  const { url } = names;
  if (typeof body === "string") {
    if (isWebPage(body)) {
      return setup(
        `the server answered, instead of JSON, with ${pageTitle(body)}`,
        `${url} does not answer with JSON: baseUrl is the address of a page or a login, not of the API. Fix it; it mostly ends in /v1. ` +
          `What came is ${pageTitle(body)}`,
      );
    }
    if (/^\s*(?:data|event|id|retry)?:/.test(body)) {
      return setup(
        "the server answered with an event stream that was not asked for",
        `${url} streams its answers although it is not asked to: switch streaming off at the server, or at the proxy in front of it`,
      );
    }
    const json = jsonOf(body);
    return json === undefined ? { json: body } : readBody(json, names, nowMs);
  }
  const failed = errorBody.safeParse(body);
  return failed.success ? errorFailure(failed.data, names, nowMs) : { json: body };
}

function errorFailure(
  body: z.output<typeof errorBody>,
  names: EndpointNames,
  nowMs: number,
): Failure {
  const { url } = names;
  const said = typeof body.error === "string" ? body.error : body.error.message;
  const status = typeof body.error === "string" ? undefined : code.safeParse(body.error.code).data;
  if (status !== undefined && status >= 300 && status < 600) {
    return statusFailure(new StatusError(status, body, undefined, new Headers()), names, nowMs);
  }
  const marked = statusFailure(new StatusError(400, body, undefined, new Headers()), names, nowMs);
  if (marked.fault.kind === "fatal") return marked;
  const cure = /\/v\d/.test(new URL(url).pathname)
    ? "Check baseUrl and the server"
    : `Should baseUrl not end in /v1? (${url}/v1)`;
  return setup(
    `the server answered with an error: ${said}`,
    `${url} answered 200 with an error. ${cure}. The error: ${said}`,
  );
}

function jsonOf(text: string): object | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

function setup(message: string, reason: string): Failure {
  return { fault: { kind: "setup", later: { kind: "transient" }, reason }, message };
}
