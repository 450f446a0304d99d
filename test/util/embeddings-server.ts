import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { z } from "zod";
import { openSockets } from "./open-sockets.ts";

const embeddingsBody = z.looseObject({
  model: z.string(),
  input: z.array(z.string()).min(1),
  encoding_format: z.enum(["base64", "float"]).optional(),
  dimensions: z.int().optional(),
});

/** The body of POST /embeddings; fields not named here are kept. */
export type EmbeddingsBody = z.output<typeof embeddingsBody>;

/** What the server sends instead of the right answer. */
export type EmbeddingsFault =
  | { readonly status: number; readonly message?: string; readonly retryAfterS?: number }
  /** The right body, changed; a text is sent as it is. */
  | { readonly body: (right: EmbeddingsReply) => unknown }
  | { readonly kind: "reset" | "hang" };

export interface EmbeddingsReply {
  readonly data: readonly { readonly index: number; readonly embedding: string | number[] }[];
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
}

export interface EmbeddingsServerOptions {
  /** Default: see letterVector. */
  readonly vector?: (text: string, dimensions: number | undefined) => readonly number[];
  /** Null: the request is answered. `n` counts all requests from 0. */
  readonly fault?: (request: {
    readonly n: number;
    readonly body: EmbeddingsBody;
  }) => EmbeddingsFault | null;
  /** Between a request's arrival and its answer; 0 by default. */
  readonly delayMs?: number;
  /** Default: any free one. */
  readonly port?: number;
}

/** A server of embeddings on loopback. */
export interface EmbeddingsServer {
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string;
  /** Bodies in order of arrival. */
  readonly requests: readonly EmbeddingsBody[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** How often the vector of each text was sent. */
  readonly answeredPerText: ReadonlyMap<string, number>;
  /** Sockets open now. */
  readonly sockets: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** How often a, b and c occur in a text, and 1: by hand, and never zero. */
function letterVector(text: string): readonly number[] {
  const count = (letter: string): number => text.split(letter).length - 1;
  return [count("a"), count("b"), count("c"), 1];
}

/** Tokens as the server counts them: one for every four characters begun, and two special ones. */
function servedTokens(text: string): number {
  return Math.ceil(text.length / 4) + 2;
}

/** Starts a server that answers POST /v1/embeddings from a script. */
export function startEmbeddingsServer(
  options: EmbeddingsServerOptions = {},
): Promise<EmbeddingsServer> {
  const { vector = letterVector, fault = () => null, delayMs = 0 } = options;
  const requests: EmbeddingsBody[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const answeredPerText = new Map<string, number>();

  const answer = (
    body: EmbeddingsBody,
    planned: EmbeddingsFault | null,
    response: ServerResponse,
  ): void => {
    const right = replyTo(body, vector);
    if (planned === null) {
      for (const each of body.input) {
        answeredPerText.set(each, (answeredPerText.get(each) ?? 0) + 1);
      }
      send(response, 200, right);
    } else if ("kind" in planned) {
      if (planned.kind === "reset") response.socket?.resetAndDestroy();
    } else if ("status" in planned) {
      const { status, message = `scripted ${status}`, retryAfterS } = planned;
      if (retryAfterS !== undefined) response.setHeader("retry-after", retryAfterS);
      send(response, status, { error: { message, type: "scripted", code: null, param: null } });
    } else {
      send(response, 200, planned.body(right));
    }
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      headers.push(request.headers);
      if (request.method !== "POST" || request.url !== "/v1/embeddings") {
        send(response, 404, { error: { message: `no route ${request.url ?? ""}` } });
        return;
      }
      const body = embeddingsBody.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      const planned = fault({ n: requests.length, body });
      requests.push(body);
      setTimeout(() => {
        answer(body, planned, response);
      }, delayMs);
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("internal: no port");
      resolve({
        url: `http://127.0.0.1:${address.port}/v1`,
        requests,
        headers,
        answeredPerText,
        sockets: () => openSockets(server),
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

function replyTo(
  { input, encoding_format: format, dimensions }: EmbeddingsBody,
  vector: NonNullable<EmbeddingsServerOptions["vector"]>,
): EmbeddingsReply {
  const tokens = input.reduce((sum, text) => sum + servedTokens(text), 0);
  return {
    data: input.map((text, index) => {
      const numbers = [...vector(text, dimensions)];
      return {
        index,
        embedding:
          format === "base64"
            ? Buffer.from(Float32Array.from(numbers).buffer).toString("base64")
            : numbers,
      };
    }),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function send(response: ServerResponse, status: number, content: unknown): void {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(text);
}
