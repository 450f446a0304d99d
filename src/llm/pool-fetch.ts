import { Pool } from "undici";

/** What {@link poolFetch} gives the `openai` package as its `fetch`, and the connections behind it. */
export interface PoolFetch {
  readonly fetch: (url: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Cuts all connections, also those in use. */
  readonly close: () => Promise<void>;
}

/** Where a {@link poolFetch} goes. */
export interface PoolFetchOptions {
  readonly origin: string;
  /** Most connections, so most requests under way; they are opened as needed and kept. */
  readonly connections: number;
  /** Sent with every request. The caller's own headers are not: what goes out is known here. */
  readonly headers: Readonly<Record<string, string>>;
  /** For opening a connection, ms. */
  readonly connectTimeoutMs: number;
}

/** An answer longer than this is a broken server. */
const maxResponseBytes = 64 * 2 ** 20;

/**
 * `fetch` for one origin over a pool of connections: less than half of the cost of Node's own. Returns when the whole body is
 * there, so the request's signal, and with it the caller's timeout, covers a body that stalls or drips; an abort closes the
 * socket. Bodies must be strings.
 */
export function poolFetch(options: PoolFetchOptions): PoolFetch {
  const { origin, connections, headers, connectTimeoutMs } = options;
  const pool = new Pool(origin, {
    connections,
    connect: { timeout: connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxResponseBytes,
  });
  return {
    fetch: async (target, init) => {
      if (typeof target !== "string" || typeof init?.body !== "string") {
        throw new Error("internal: poolFetch posts strings to URLs");
      }
      const { body, signal } = init;
      const { statusCode, ...reply } = await pool.request({
        path: target.slice(origin.length),
        method: "POST",
        headers,
        body,
        signal: signal ?? null,
      });
      const text = await reply.body.text();
      return new TextResponse(text, { status: statusCode, headers: flat(reply.headers) });
    },
    close: () => pool.destroy(),
  };
}

/** A response whose body has been read already: spares the stream that a `Response` makes of a text, half of its cost. */
class TextResponse extends Response {
  override readonly text: () => Promise<string>;
  override readonly json: () => Promise<unknown>;

  constructor(text: string, init: ResponseInit) {
    super(null, init);
    this.text = () => Promise.resolve(text);
    this.json = () =>
      new Promise((resolve) => {
        resolve(JSON.parse(text));
      });
  }
}

/** The headers someone reads: about the body, and about when to ask again. The others would cost more than the body. */
const readHeaders =
  /^(content-type|content-length|location|retry-after|x-ratelimit|x-should-retry)/;

function flat(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): [string, string][] {
  return Object.entries(headers)
    .filter(([name]) => readHeaders.test(name))
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]);
}
