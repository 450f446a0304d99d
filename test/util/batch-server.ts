import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";

const requestLine = z.strictObject({
  custom_id: z.string(),
  method: z.literal("POST"),
  url: z.literal("/v1/chat/completions"),
  body: z.looseObject({
    model: z.string(),
    messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
  }),
});

/** One request of a batch, as submitted. */
export type BatchRequest = z.output<typeof requestLine>;

/** What a batch makes of one request instead of answering it. */
export type RequestFault =
  /** Into the error file with this status. */
  | { readonly status: number; readonly code?: string; readonly message?: string }
  /** Into the output file with this body and status 200. */
  | { readonly body: unknown }
  /** Never looked at: with "batch_expired" in the error file of a batch that ends "expired" or "cancelled". */
  | "expired"
  /** In neither file. */
  | "missing";

/** What the server does to a call of its own routes instead of serving it. */
export type RouteFault =
  | { readonly status: number; readonly message?: string }
  /** Does what was asked and cuts the connection before it says so. */
  | "reset after"
  /** Cuts the connection after half the body. */
  | "disconnect";

/** A call of the server. */
export interface RouteCall {
  /** Calls of this route before. */
  readonly n: number;
  readonly route: "upload" | "create" | "list" | "retrieve" | "content";
}

/** How a {@link BatchServer} answers. */
export interface BatchServerOptions {
  readonly answer: (request: BatchRequest) => string;
  /** Null: answered. `submission` counts earlier submissions of the `custom_id`. */
  readonly fault?: (request: BatchRequest, submission: number) => RequestFault | null;
  readonly routeFault?: (call: RouteCall) => RouteFault | null;
  /** Errors that fail the validation of the n-th batch. */
  readonly invalid?: (
    n: number,
    requests: readonly BatchRequest[],
  ) => readonly { readonly code: string; readonly message: string }[] | null;
  /** How often a batch is looked at before it is over; 1 by default. */
  readonly looks?: number;
  /** The status a batch with expired requests ends with; "expired" by default. */
  readonly ending?: "expired" | "cancelled";
}

/** A service with the Batch API on loopback. */
export interface BatchServer {
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string;
  /** How often each `custom_id` has been in a batch. */
  readonly submissions: ReadonlyMap<string, number>;
  /** How often each `custom_id` has been answered with status 200. */
  readonly answered: ReadonlyMap<string, number>;
  /** Ids of all batches made, in order. */
  readonly batches: readonly string[];
  /** Calls by route, in order of arrival. */
  readonly calls: readonly RouteCall["route"][];
  /** The authorization headers seen. */
  readonly keys: ReadonlySet<string>;
  readonly close: () => Promise<void>;
}

interface Batch {
  readonly id: string;
  readonly inputFileId: string;
  readonly requests: readonly BatchRequest[];
  readonly errors: readonly { readonly code: string; readonly message: string }[] | null;
  looks: number;
  ended: object | null;
}

/** Starts a server that answers whole batches from a script. Answers come in an order that is not that of the requests. */
export async function startBatchServer(options: BatchServerOptions): Promise<BatchServer> {
  const { answer, fault = () => null, routeFault = () => null, invalid = () => null } = options;
  const { looks = 1, ending = "expired" } = options;
  const files = new Map<string, string>();
  const batches = new Map<string, Batch>();
  const submissions = new Map<string, number>();
  const answered = new Map<string, number>();
  const calls: RouteCall["route"][] = [];
  const keys = new Set<string>();

  const addFile = (text: string): string => {
    const id = `file-${files.size + 1}`;
    files.set(id, text);
    return id;
  };

  const create = (inputFileId: string): Batch => {
    const text = files.get(inputFileId) ?? "";
    const requests = text
      .trimEnd()
      .split("\n")
      .map((line) => requestLine.parse(JSON.parse(line)));
    const errors = invalid(batches.size, requests);
    const id = `batch_${batches.size + 1}`;
    const batch: Batch = { id, inputFileId, requests, errors, looks: 0, ended: null };
    batches.set(id, batch);
    if (errors === null) for (const { custom_id } of requests) addOne(submissions, custom_id);
    return batch;
  };

  const run = ({ requests }: Batch): object => {
    const output: string[] = [];
    const failed: string[] = [];
    let isCut = false;
    for (const request of [...requests].sort(byHash)) {
      const { custom_id } = request;
      const planned = fault(request, (submissions.get(custom_id) ?? 0) - 1);
      const line = (response: object | null, error: object | null): string =>
        JSON.stringify({ id: `batch_req_${custom_id.slice(0, 8)}`, custom_id, response, error });
      const reply = (status_code: number, body: unknown): object => ({
        status_code,
        request_id: "r",
        body,
      });
      if (planned === null) {
        addOne(answered, custom_id);
        output.push(line(reply(200, completion(request, answer(request))), null));
      } else if (planned === "missing") {
        continue;
      } else if (planned === "expired") {
        isCut = true;
        failed.push(line(null, { code: "batch_expired", message: "not executed in time" }));
      } else if ("body" in planned) {
        output.push(line(reply(200, planned.body), null));
      } else {
        const { status, code = null, message = `scripted ${status}` } = planned;
        failed.push(line(reply(status, { error: { message, type: "scripted", code } }), null));
      }
    }
    return {
      status: isCut ? ending : "completed",
      output_file_id: output.length === 0 ? null : addFile(`${output.join("\n")}\n`),
      error_file_id: failed.length === 0 ? null : addFile(`${failed.join("\n")}\n`),
      request_counts: {
        completed: output.length,
        failed: failed.length,
        total: requests.length,
      },
    };
  };

  const describe = (batch: Batch): object => {
    const base = {
      id: batch.id,
      object: "batch",
      endpoint: "/v1/chat/completions",
      input_file_id: batch.inputFileId,
      completion_window: "24h",
      created_at: 0,
      errors: null,
    };
    if (batch.errors !== null) {
      return { ...base, status: "failed", errors: { object: "list", data: batch.errors } };
    }
    if (batch.looks < looks) {
      const total = batch.requests.length;
      const request_counts = { completed: 0, failed: 0, total };
      return { ...base, status: "in_progress", request_counts };
    }
    batch.ended ??= run(batch);
    return { ...base, ...batch.ended };
  };

  const serve = (request: IncomingMessage, body: Buffer, response: ServerResponse): void => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    keys.add(request.headers.authorization ?? "");
    const routed = route(request.method ?? "", path);
    if (routed === null) {
      sendJson(response, 404, { error: { message: `no route ${request.method ?? ""} ${path}` } });
      return;
    }
    const n = calls.filter((earlier) => earlier === routed.route).length;
    calls.push(routed.route);
    const planned = routeFault({ n, route: routed.route });
    if (planned !== null && typeof planned === "object") {
      const { status, message = `scripted ${status}` } = planned;
      sendJson(response, status, { error: { message } });
      return;
    }
    const reply = perform(routed, request, body);
    if (planned === "reset after") {
      response.socket?.resetAndDestroy();
    } else if (reply === null) {
      sendJson(response, 404, { error: { message: `there is no ${routed.id}` } });
    } else if (planned === "disconnect") {
      response.writeHead(200, { "content-length": Buffer.byteLength(reply) });
      response.write(reply.slice(0, reply.length / 2), () => response.socket?.destroy());
    } else {
      response.writeHead(200, { "content-type": "application/json" }).end(reply);
    }
  };

  const perform = (
    { route: name, id }: Routed,
    request: IncomingMessage,
    body: Buffer,
  ): string | null => {
    switch (name) {
      case "upload": {
        const text = uploadedText(request, body);
        const file = { object: "file", bytes: text.length, purpose: "batch", status: "processed" };
        return JSON.stringify({ id: addFile(text), ...file });
      }
      case "create": {
        const asked = z.looseObject({ input_file_id: z.string() }).parse(JSON.parse(String(body)));
        return files.has(asked.input_file_id)
          ? JSON.stringify(describe(create(asked.input_file_id)))
          : null;
      }
      case "list": {
        const data = [...batches.values()].reverse().map(describe);
        return JSON.stringify({ object: "list", data, has_more: false });
      }
      case "retrieve": {
        const batch = batches.get(id);
        if (batch === undefined) return null;
        const described = JSON.stringify(describe(batch));
        batch.looks += 1;
        return described;
      }
      case "content":
        return files.get(id) ?? null;
    }
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      try {
        serve(request, Buffer.concat(chunks), response);
      } catch (error) {
        sendJson(response, 400, { error: { message: `the test server: ${String(error)}` } });
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("internal: no port");
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    submissions,
    answered,
    get batches() {
      return [...batches.keys()];
    },
    calls,
    keys,
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          closed();
        });
        server.closeAllConnections();
      }),
  };
}

interface Routed {
  readonly route: RouteCall["route"];
  readonly id: string;
}

function route(method: string, path: string): Routed | null {
  if (path === "/v1/files") return method === "POST" ? { route: "upload", id: "" } : null;
  if (path === "/v1/batches") return { route: method === "POST" ? "create" : "list", id: "" };
  const file = /^\/v1\/files\/([^/]+)\/content$/.exec(path)?.[1];
  if (file !== undefined) return { route: "content", id: file };
  const batch = /^\/v1\/batches\/([^/]+)$/.exec(path)?.[1];
  return batch === undefined ? null : { route: "retrieve", id: batch };
}

/** The part named "file" of a multipart form. */
function uploadedText(request: IncomingMessage, body: Buffer): string {
  const boundary = /boundary=(?:"([^"]+)"|([^;]+))/.exec(request.headers["content-type"] ?? "");
  const mark = `--${boundary?.[1] ?? boundary?.[2] ?? ""}`;
  const part = body
    .toString("utf8")
    .split(mark)
    .find((text) => /name="file"/.test(text));
  if (part === undefined) throw new Error("an upload without a file");
  return part.slice(part.indexOf("\r\n\r\n") + 4, -2);
}

/** The answer to a request as a chat completion: one token for every four characters begun. */
export function completion({ body }: BatchRequest, text: string): object {
  const prompt = body.messages.reduce((sum, { content }) => sum + tokensOf(content), 0);
  return {
    id: "chatcmpl-0",
    object: "chat.completion",
    created: 0,
    model: body.model,
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: prompt, completion_tokens: tokensOf(text) },
  };
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

function addOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function byHash(a: BatchRequest, b: BatchRequest): number {
  return hashOf(a) < hashOf(b) ? -1 : 1;
}

function hashOf({ custom_id }: BatchRequest): string {
  return createHash("sha256").update(custom_id).digest("hex");
}

function sendJson(response: ServerResponse, status: number, content: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
}
