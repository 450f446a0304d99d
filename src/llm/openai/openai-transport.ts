import OpenAI, {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIUserAbortError,
  type APIError,
  type ClientOptions,
} from "openai";
import { FlowError } from "../../base/errors.ts";
import { createAbortGroups, type AbortGroups } from "../ask/abort-groups.ts";
import { TransportError, type Transport, type TransportFault } from "../chat.ts";
import { readBody } from "./body-failure.ts";
import { connectionFailure } from "./connection-failure.ts";
import { balance, type Outcome } from "./endpoints.ts";
import { StatusError, statusFailure, type EndpointNames, type Failure } from "./http-failure.ts";
import { nameLookups, type NameLookups } from "./name-lookups.ts";
import { poolFetch, type PoolFetch } from "./pool-fetch.ts";
import { proxyOf, type Proxy } from "./proxy-of.ts";
import { readReply } from "./read-reply.ts";
import { checkExtra, requestBody } from "./request-body.ts";
import { readSecrets, type Secrets } from "../secrets.ts";
import type { OpenaiSettings } from "./openai-settings.ts";

const longestConnectMs = 10_000;
const longestTimerMs = 2 ** 31 - 1;

interface Endpoint {
  readonly client: OpenAI;
  readonly names: Omit<EndpointNames, "fieldCure">;
  readonly proxy: Proxy | null;
  readonly lookups: NameLookups;
  readonly close: () => Promise<void>;
}

/** What decides how an endpoint is reached. */
export type OpenaiReach = Pick<
  OpenaiSettings,
  "model" | "baseUrl" | "apiKeyEnv" | "headers" | "limits"
>;

/** A kind of request to a server. */
export interface OpenaiRoute extends Pick<EndpointNames, "fieldCure"> {
  /** Path below the base URL. */
  readonly path: string;
}

/** Sends one kind of request to one or several endpoints. */
export interface OpenaiPost {
  /**
   * @param read - Parses the body; may throw a {@link TransportError} of its own
   * @throws TransportError without secrets in its message; the signal's reason after an abort
   */
  readonly post: <T>(body: object, read: (body: unknown) => T, signal: AbortSignal) => Promise<T>;
  /** Removes the key from an answer that repeats it. */
  readonly mask: Secrets["mask"];
  readonly close: () => Promise<void>;
}

/**
 * Asks one or several OpenAI-compatible endpoints by POST {baseUrl}/chat/completions.
 *
 * @throws FlowError `CONFIG_INVALID` for an extra field it cannot use, and as {@link openaiPost} does
 */
export async function openaiTransport(settings: OpenaiSettings): Promise<Transport> {
  checkExtra(settings.sampling.extra);
  const { post, mask, close } = openaiPost(settings, {
    path: "/chat/completions",
    fieldCure: "change sampling, or leave a field out with sampling.extra: { FIELD: null }",
  });
  return Promise.resolve({
    send: async (payload, signal) => {
      const reply = await post(requestBody(payload), readReply, signal);
      return { ...reply, text: mask(reply.text) };
    },
    close,
  });
}

/**
 * Posts to the base URLs. An attempt has `limits.timeoutS` in total, the body included; failing endpoints rest.
 *
 * @throws FlowError `CONFIG_INVALID` for a key or header whose variable is not set, or a base URL it cannot use
 */
export function openaiPost(settings: OpenaiReach, { path, fieldCure }: OpenaiRoute): OpenaiPost {
  const urls = [settings.baseUrl].flat().map(checkedUrl);
  const secrets = readSecrets(settings);
  const aborts = createAbortGroups();
  const opened = urls.map((url) => openEndpoint(url, settings, secrets, aborts));
  const endpoints = balance(opened);

  return {
    post: async (body, read, signal) => {
      signal.throwIfAborted();
      const { endpoint, end } = endpoints.take();
      const names = { ...endpoint.names, fieldCure };
      let outcome: Outcome = "unknown";
      try {
        const got = readBody(await endpoint.client.post(path, { body, signal }), names, Date.now());
        if ("fault" in got) throw new TransportError(got.fault, got.message);
        const reply = read(got.json);
        outcome = "up";
        endpoint.lookups.worked();
        return reply;
      } catch (error) {
        if (error instanceof APIUserAbortError) throw signal.reason;
        const { fault, message } = failureOf(error, names, endpoint, settings.limits.timeoutS);
        outcome = outcomeOf(fault);
        const { redact } = secrets;
        throw new TransportError(
          fault.kind === "setup" ? { ...fault, reason: redact(fault.reason) } : fault,
          redact(message),
        );
      } finally {
        end(outcome);
      }
    },
    mask: secrets.mask,
    close: async () => {
      await Promise.all(opened.map((endpoint) => endpoint.close()));
    },
  };
}

function outcomeOf(fault: TransportFault): Outcome {
  if (fault.kind !== "setup") return outcomes[fault.kind];
  const isUnknownShape = fault.later.kind === "prompt" && fault.later.fault === "failed";
  return isUnknownShape ? "down" : outcomes[fault.later.kind];
}

const outcomes = {
  fatal: "up",
  prompt: "up",
  busy: "unknown",
  transient: "down",
} as const;

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

type Init = Parameters<OpenAI["fetchWithTimeout"]>[1];

/**
 * The package's client for one kind of request, with the headers of `poolFetch`. Error responses are parsed by our own rules, because
 * the package looks for the server's message in one place only.
 */
class Client extends OpenAI {
  readonly #post: PoolFetch["post"];
  readonly #aborts: AbortGroups;
  readonly #noHeaders = new Headers();

  constructor(options: ClientOptions, post: PoolFetch["post"], aborts: AbortGroups) {
    super(options);
    this.#post = post;
    this.#aborts = aborts;
  }

  override buildRequest({
    path,
    body,
    signal,
  }: Parameters<OpenAI["buildRequest"]>[0]): ReturnType<OpenAI["buildRequest"]> {
    return Promise.resolve({
      req: {
        method: "post",
        headers: this.#noHeaders,
        body: JSON.stringify(body),
        signal: signal ?? null,
      },
      url: this.buildURL(path, null),
      timeout: this.timeout,
    });
  }

  /** One listener for all attempts under a signal: the package never removes its own. */
  override async fetchWithTimeout(url: string, init: Init, timeoutMs: number): Promise<Response> {
    if (typeof init?.body !== "string") throw new Error("internal: what is posted is a string");
    const { response, abort } = this.#post(url, init.body);
    const leave = this.#aborts.join(init.signal ? [init.signal] : [], abort);
    const timer = setTimeout(abort, timeoutMs);
    try {
      return await response;
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  protected override makeStatusError(
    ...[status, body, text, headers]: ConstructorParameters<typeof StatusError>
  ): APIError {
    return new StatusError(status, body, text, headers);
  }
}

function openEndpoint(
  { origin, pathname, searchParams }: URL,
  { model, limits }: OpenaiReach,
  { headers, source }: Secrets,
  aborts: AbortGroups,
): Endpoint {
  const baseURL = origin + pathname.replace(/\/+$/, "");
  const timeoutMs = Math.min(limits.timeoutS * 1000, longestTimerMs);
  const proxy = proxyOf(new URL(origin));
  const { post, close } = poolFetch({
    origin,
    proxy: proxy?.url ?? null,
    connections: limits.inFlight,
    connectTimeoutMs: Math.min(timeoutMs, longestConnectMs),
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      "user-agent": "r4ec",
      ...headers,
    },
  });
  const options: ClientOptions = {
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
  };
  const client = new Client(options, post, aborts);
  return {
    client,
    names: { url: baseURL, model, keySource: source },
    proxy,
    lookups: nameLookups(),
    close,
  };
}

function failureOf(
  error: unknown,
  names: EndpointNames,
  { proxy, lookups }: Endpoint,
  timeoutS: number,
): Failure {
  if (error instanceof StatusError) return statusFailure(error, names, Date.now());
  if (error instanceof TransportError) return { fault: error.fault, message: error.message };
  const { url } = names;
  if (error instanceof APIConnectionTimeoutError) {
    const message = `${url} did not answer in time (limits.timeoutS is ${timeoutS})`;
    return { fault: { kind: "transient", mayBePaid: true }, message };
  }
  if (error instanceof APIConnectionError) {
    return connectionFailure(error.cause, { url, proxy, lookups });
  }
  throw error;
}
