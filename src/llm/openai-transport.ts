import OpenAI, {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIUserAbortError,
  type APIError,
} from "openai";
import { FlowError } from "../errors.ts";
import { createAbortGroups, type AbortGroups } from "./abort-groups.ts";
import { TransportError, type JsonValue, type Transport } from "./chat.ts";
import { balance, type Outcome } from "./endpoints.ts";
import { StatusError, statusFailure, type EndpointNames, type Failure } from "./http-failure.ts";
import { poolFetch } from "./pool-fetch.ts";
import { readReply } from "./read-reply.ts";
import { checkExtra, requestBody } from "./request-body.ts";
import { readSecrets, type Secrets } from "./secrets.ts";
import type { OpenaiSettings } from "./settings.ts";

const longestConnectMs = 10_000;
const longestTimerMs = 2 ** 31 - 1;
const longestMessage = 500;

interface Endpoint {
  readonly client: OpenAI;
  readonly names: EndpointNames;
  readonly close: () => Promise<void>;
}

/**
 * Asks one or several OpenAI-compatible endpoints by POST {baseUrl}/chat/completions. An attempt has `limits.timeoutS` for
 * everything, the body included; endpoints that fail are rested.
 *
 * @throws FlowError `CONFIG_INVALID` for a key or header whose variable is not set, a base URL or an extra field it cannot use
 */
export async function openaiTransport(settings: OpenaiSettings): Promise<Transport> {
  checkExtra(settings.sampling.extra);
  const urls = [settings.baseUrl].flat().map(checkedUrl);
  const secrets = readSecrets(settings);
  const opened = urls.map((url) => openEndpoint(url, settings, secrets));
  const endpoints = balance(opened);
  const aborts = createAbortGroups();

  return Promise.resolve({
    send: async (payload, signal) => {
      signal.throwIfAborted();
      const body = requestBody(payload);
      const { endpoint, end } = endpoints.take();
      let outcome: Outcome = "unknown";
      try {
        const reply = readReply(await post(endpoint.client, body, signal, aborts));
        outcome = "up";
        return reply;
      } catch (error) {
        if (error instanceof APIUserAbortError) throw signal.reason;
        const { fault, message } = failureOf(error, endpoint.names, settings.limits.timeoutS);
        outcome = outcomes[fault.kind];
        throw new TransportError(fault, secrets.redact(message).slice(0, longestMessage));
      } finally {
        end(outcome);
      }
    },
    close: async () => {
      await Promise.all(opened.map((endpoint) => endpoint.close()));
    },
  });
}

const outcomes = { fatal: "up", prompt: "up", busy: "unknown", transient: "down" } as const;

function checkedUrl(baseUrl: string): URL {
  const url = new URL(baseUrl);
  if (url.username !== "" || url.password !== "") {
    throw new FlowError(
      "CONFIG_INVALID",
      `baseUrl for ${url.host} holds a user or a password: take them out, and name an environment variable by apiKeyEnv or in headers.`,
    );
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new FlowError("CONFIG_INVALID", `baseUrl must be http or https, got ${baseUrl}`);
  }
  return url;
}

/** Reads statuses by our own rules: the package looks for the server's message in one place only. */
class Client extends OpenAI {
  protected override makeStatusError(
    ...[status, body, text, headers]: ConstructorParameters<typeof StatusError>
  ): APIError {
    return new StatusError(status, body, text, headers);
  }
}

function openEndpoint(
  { origin, pathname, searchParams }: URL,
  { model, limits }: OpenaiSettings,
  { headers, source }: Secrets,
): Endpoint {
  const baseURL = origin + pathname.replace(/\/+$/, "");
  const timeoutMs = Math.min(limits.timeoutS * 1000, longestTimerMs);
  const { fetch, close } = poolFetch({
    origin,
    connections: limits.inFlight,
    connectTimeoutMs: Math.min(timeoutMs, longestConnectMs),
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      "user-agent": "r4ec",
      ...headers,
    },
  });
  const client = new Client({
    baseURL,
    defaultQuery: Object.fromEntries(searchParams),
    apiKey: "sent by poolFetch",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: "off",
    maxRetries: 0,
    timeout: timeoutMs,
    fetch,
  });
  return { client, names: { url: baseURL, model, keySource: source }, close };
}

/** The body of the response, parsed. Each attempt has a signal of its own, since the package never stops listening to it. */
async function post(
  client: OpenAI,
  body: Readonly<Record<string, JsonValue>>,
  signal: AbortSignal,
  aborts: AbortGroups,
): Promise<unknown> {
  const attempt = new AbortController();
  const leave = aborts.join([signal], () => {
    attempt.abort();
  });
  try {
    return await client.post<unknown>("/chat/completions", { body, signal: attempt.signal });
  } finally {
    leave();
  }
}

function failureOf(error: unknown, names: EndpointNames, timeoutS: number): Failure {
  if (error instanceof StatusError) return statusFailure(error, names, Date.now());
  if (error instanceof TransportError) return { fault: error.fault, message: error.message };
  const { url } = names;
  if (error instanceof APIConnectionTimeoutError) {
    return transient(`${url} did not answer in time (limits.timeoutS is ${timeoutS})`);
  }
  if (error instanceof APIConnectionError) {
    return transient(`the connection to ${url} failed: ${causeOf(error.cause)}`);
  }
  if (error instanceof SyntaxError) {
    return transient(`${url} answered with broken JSON: ${error.message}`);
  }
  throw error;
}

function causeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "no reason given";
  const code = "code" in cause ? ` (${String(cause.code)})` : "";
  return `${cause.message}${code}`.trim();
}

function transient(message: string): Failure {
  return { fault: { kind: "transient" }, message };
}
