import { Pool, type Dispatcher } from "undici";

/** A request under way. */
export interface PoolRequest {
  /** Settles when the whole body is there: a body that stalls or drips is still under way. */
  readonly response: Promise<Response>;
  /** Closes the socket; the response is rejected with an AbortError. */
  readonly abort: () => void;
}

/** What the `openai` package sends its requests by, and the connections behind it. */
export interface PoolFetch {
  readonly post: (url: string, body: string) => PoolRequest;
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

/** POST requests to one origin over a pool of connections, without the streams and signals that `fetch` makes for each. */
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
    post: (url, body) => {
      const exchange = new Exchange();
      pool.dispatch({ path: url.slice(origin.length), method: "POST", headers, body }, exchange);
      return exchange;
    },
    close: () => pool.destroy(),
  };
}

/** One request, from its dispatch to the last byte of its answer. */
class Exchange implements PoolRequest, Dispatcher.DispatchHandler {
  readonly response: Promise<Response>;
  #resolve: (response: Response) => void = () => undefined;
  #reject: (reason: Error) => void = () => undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #aborted: Error | null = null;
  #status = 0;
  #headers: Headers = {};
  readonly #chunks: Buffer[] = [];

  constructor() {
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  readonly abort = (): void => {
    this.#aborted ??= new DOMException("the request was given up", "AbortError");
    this.#controller?.abort(this.#aborted);
    this.#reject(this.#aborted);
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted !== null) controller.abort(this.#aborted);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first = Buffer.alloc(0), ...others] = this.#chunks;
    const bytes = others.length === 0 ? first : Buffer.concat(this.#chunks);
    this.#resolve(new TextResponse(utf8.decode(bytes), this.#status, this.#headers));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const utf8 = new TextDecoder();

/**
 * A response whose body has been read already: spares the stream that a `Response` makes of a text, half of its cost. Of a success
 * nobody reads the headers; without them the package hands on the body as text.
 */
class TextResponse extends Response {
  override readonly text: () => Promise<string>;

  constructor(text: string, status: number, headers: Headers) {
    super(null, status === 200 ? { status } : { status, headers: flat(headers) });
    this.text = () => Promise.resolve(text);
  }
}

/** The headers someone reads of a failure: about when to ask again. */
const readHeaders = /^(location|retry-after|x-ratelimit|x-should-retry)/;

function flat(headers: Headers): [string, string][] {
  return Object.entries(headers)
    .filter(([name]) => readHeaders.test(name))
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]);
}
