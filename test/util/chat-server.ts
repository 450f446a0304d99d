import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { z } from "zod";
import { openSockets } from "./open-sockets.ts";

const chatBody = z.looseObject({
  model: z.string(),
  messages: z
    .array(z.looseObject({ role: z.enum(["system", "user", "assistant"]), content: z.string() }))
    .min(1),
  seed: z.int().optional(),
  temperature: z.number().optional(),
  max_tokens: z.int().optional(),
});

/** The body of POST /chat/completions; fields not named here are kept. */
export type ChatBody = z.output<typeof chatBody>;

/** Statuses the server can answer with instead of a completion. */
export type StatusFault =
  | "308"
  | "400"
  | "401"
  | "402"
  | "403"
  | "404"
  | "408"
  | "409"
  | "413"
  | "422"
  | "423"
  | "424"
  | "425"
  | "429"
  | "498"
  | "499"
  | "500"
  | "502"
  | "503"
  | "504"
  | "520"
  | "524"
  | "529";

/** What the server does instead of answering. */
export type Fault =
  | {
      readonly kind: StatusFault;
      /** Sent as Retry-After; none by default. */
      readonly retryAfterS?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Of the error object, beside `message`. */
      readonly code?: string;
      readonly message?: string;
    }
  | {
      readonly kind:
        | "hang" // nothing is ever sent
        | "hang-body" // headers and half the body, then nothing, and the connection stays open
        | "reset" // the connection is cut before any byte
        | "disconnect" // the connection is cut in the middle of the body
        | "malformed" // half of the JSON, as if it were whole
        | "empty" // a completion whose content is ""
        | "length" // a completion cut at max_tokens
        | "filtered" // a completion withheld by a content filter
        | "refusal" // a completion that is a refusal
        | "unknown-shape"; // a whole answer, in a body that is no completion
    }
  | {
      /** The completion, a few bytes at a time. */
      readonly kind: "drip";
      /** Between two writes; 10 by default. */
      readonly everyMs?: number;
      /** Per write; 1 by default. */
      readonly bytes?: number;
    };

/** What the server made of a call. */
export type CallStatus = "answered" | Fault["kind"];

/** A call as the server saw it. */
export interface ServedCall {
  readonly body: ChatBody;
  /** Earlier calls with the same body. */
  readonly attempt: number;
  readonly status: CallStatus;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** How a {@link ChatServer} answers. */
export interface ChatServerOptions {
  readonly answer: (body: ChatBody) => string;
  /** Null: this call is answered. `n` counts all calls from 0, `attempt` those with the same body. */
  readonly fault?: (call: {
    readonly n: number;
    readonly attempt: number;
    readonly body: ChatBody;
    readonly headers: IncomingHttpHeaders;
  }) => Fault | null;
  /** Default "right": {@link tokensOf} every message and the answer, the system messages cached. */
  readonly usage?: "right" | "absent" | "wrong";
  /** Before anything is sent; 0 by default. */
  readonly delayMs?: number;
  /** False: calls are only counted and every `attempt` is 0, so that memory stays bounded. Default true. */
  readonly keepCalls?: boolean;
  /** Default: any free one. */
  readonly port?: number;
}

/** An OpenAI-compatible server on loopback. */
export interface ChatServer {
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string;
  readonly port: number;
  /** In order of arrival; empty with `keepCalls: false`. */
  readonly calls: readonly ServedCall[];
  /** Calls so far, by what became of them. */
  readonly counts: ReadonlyMap<CallStatus, number>;
  /** Calls under way now; one that hangs until its connection is cut. */
  readonly inFlight: () => number;
  /** Most calls that were under way at a time. */
  readonly mostInFlight: () => number;
  /** Sockets open now. */
  readonly sockets: () => Promise<number>;
  /** How often each distinct body was answered, by its text as sent; empty with `keepCalls: false`. */
  readonly answeredPerBody: ReadonlyMap<string, number>;
  /** Cuts all connections. */
  readonly close: () => Promise<void>;
}

/** Tokens of a text as the server counts them: one for every four characters begun. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Starts a server that answers POST /v1/…/chat/completions from a script, with the faults it is told to have. */
export function startChatServer(options: ChatServerOptions): Promise<ChatServer> {
  const { answer, fault = () => null, usage = "right", delayMs = 0, keepCalls = true } = options;
  const calls: ServedCall[] = [];
  const counts = new Map<CallStatus, number>();
  const attempts = new Map<string, number>();
  const answeredPerBody = new Map<string, number>();
  let arrived = 0;
  let inFlight = 0;
  let mostInFlight = 0;

  const serve = (
    text: string,
    path: string,
    headers: IncomingHttpHeaders,
    response: ServerResponse,
  ): void => {
    const body = chatBody.parse(JSON.parse(text));
    const attempt = attempts.get(text) ?? 0;
    const planned = fault({ n: arrived++, attempt, body, headers });
    const status = planned?.kind ?? "answered";
    counts.set(status, (counts.get(status) ?? 0) + 1);
    if (keepCalls) {
      attempts.set(text, attempt + 1);
      if (planned === null) answeredPerBody.set(text, (answeredPerBody.get(text) ?? 0) + 1);
      calls.push({ body, attempt, status, path, headers });
    }
    mostInFlight = Math.max(mostInFlight, ++inFlight);
    response.once("close", () => inFlight--);
    const send = (): void => {
      if (planned === null) sendJson(response, 200, completion(body, answer(body), usage));
      else sendFault(response, planned, completion(body, answer(body), usage));
    };
    if (delayMs === 0) send();
    else setTimeout(send, delayMs);
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const { url: path = "/", headers } = request;
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method !== "POST" || !/^\/v1\/(?:.+\/)?chat\/completions(?:\?|$)/.test(path)) {
        sendError(response, 404, `no route ${request.method ?? ""} ${path}`);
        return;
      }
      try {
        serve(Buffer.concat(chunks).toString("utf8"), path, headers, response);
      } catch (error) {
        sendError(response, 500, `the test server failed: ${String(error)}`);
      }
    });
  });
  server.keepAliveTimeout = 60_000;

  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("internal: no port");
      const { port } = address;
      resolve({
        url: `http://127.0.0.1:${port}/v1`,
        port,
        calls,
        counts,
        inFlight: () => inFlight,
        mostInFlight: () => mostInFlight,
        sockets: () => openSockets(server),
        answeredPerBody,
        close: () =>
          new Promise((closed) => {
            server.close(() => {
              closed();
            });
            server.closeAllConnections();
          }),
      });
    });
  });
}

interface Completion {
  readonly id: string;
  readonly object: "chat.completion";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: {
      readonly role: "assistant";
      readonly content: string | null;
      readonly refusal: string | null;
    };
    readonly finish_reason: string;
  }[];
  readonly usage?: object;
}

function completion(body: ChatBody, text: string, usage: "right" | "absent" | "wrong"): Completion {
  return {
    id: "chatcmpl-0",
    object: "chat.completion",
    created: 0,
    model: body.model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: text, refusal: null },
        finish_reason: "stop",
      },
    ],
    ...(usage === "absent" ? {} : { usage: usage === "right" ? usageOf(body, text) : wrongUsage }),
  };
}

const wrongUsage = {
  prompt_tokens: -5,
  completion_tokens: "many",
  total_tokens: 0.5,
  prompt_tokens_details: { cached_tokens: null },
};

function usageOf(body: ChatBody, text: string): object {
  const counted = body.messages.map(({ role, content }) => ({ role, tokens: tokensOf(content) }));
  const prompt = counted.reduce((sum, { tokens }) => sum + tokens, 0);
  const cached = counted.reduce(
    (sum, { role, tokens }) => sum + (role === "system" ? tokens : 0),
    0,
  );
  return {
    prompt_tokens: prompt,
    completion_tokens: tokensOf(text),
    total_tokens: prompt + tokensOf(text),
    prompt_tokens_details: { cached_tokens: cached },
  };
}

function sendFault(response: ServerResponse, fault: Fault, whole: Completion): void {
  const text = JSON.stringify(whole);
  const half = text.slice(0, text.length / 2);
  switch (fault.kind) {
    case "hang":
      return;
    case "hang-body":
      startJson(response, text).write(half);
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "disconnect":
      startJson(response, text).write(half, () => response.socket?.destroy());
      return;
    case "malformed":
      startJson(response, half).end(half);
      return;
    case "empty":
      sendJson(response, 200, ending(whole, { content: "" }, "stop"));
      return;
    case "length":
      sendJson(response, 200, ending(whole, {}, "length"));
      return;
    case "filtered":
      sendJson(response, 200, ending(whole, { content: null }, "content_filter"));
      return;
    case "refusal":
      sendJson(response, 200, ending(whole, { content: null, refusal: "I cannot." }, "stop"));
      return;
    case "unknown-shape":
      sendJson(response, 200, { outputs: [text] });
      return;
    case "drip":
      drip(startJson(response, text), text, fault);
      return;
    default: {
      const retryAfter =
        fault.retryAfterS === undefined ? {} : { "retry-after": String(fault.retryAfterS) };
      const headers = { ...retryAfter, ...fault.headers };
      sendError(response, Number(fault.kind), fault.message, fault.code, headers);
    }
  }
}

function ending(
  whole: Completion,
  message: { readonly content?: string | null; readonly refusal?: string },
  finish: string,
): Completion {
  const choices = whole.choices.map((choice) => ({
    ...choice,
    message: { ...choice.message, ...message },
    finish_reason: finish,
  }));
  return { ...whole, choices };
}

function drip(
  response: ServerResponse,
  text: string,
  { everyMs = 10, bytes = 1 }: Extract<Fault, { kind: "drip" }>,
): void {
  const all = Buffer.from(text);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(all.subarray(sent, (sent += bytes)));
    if (sent < all.length) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.once("close", () => {
    clearInterval(timer);
  });
}

function startJson(response: ServerResponse, text: string): ServerResponse {
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  };
  return response.writeHead(200, headers);
}

function sendJson(
  response: ServerResponse,
  status: number,
  content: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(content);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function sendError(
  response: ServerResponse,
  status: number,
  message = `scripted ${status}`,
  code?: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const error = { message, type: "scripted", code: code ?? null, param: null };
  sendJson(response, status, { error }, headers);
}
