import { Pool, type Dispatcher } from "undici";

/** A request in flight. */
export interface PoolRequest {
  /** Settles when the whole body has arrived: a stalled or slow body is still in flight. */
  readonly response: Promise<Response>;
  /** Closes the socket and rejects the response with an AbortError. */
  readonly abort: () => void;
}

/** Sends the `openai` package's requests over a pool of connections. */
export interface PoolFetch {
  readonly post: (url: string, body: string) => PoolRequest;
  /** Closes all connections, also those in use. */
  readonly close: () => Promise<void>;
}

/** Where a {@link poolFetch} goes. */
export interface PoolFetchOptions {
  readonly origin: string;
  /** Most connections, and thus requests in flight; opened on demand and kept. */
  readonly connections: number;
  /** Sent with every request, instead of the caller's headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Timeout for opening a connection, ms. */
  readonly connectTimeoutMs: number;
}

/** A longer response means a broken server. */
const maxResponseBytes = 64 * 2 ** 20;

/** POST requests to one origin over a pool of connections, without the streams and signals that `fetch` creates for each. */
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

/** One request, from its dispatch to the last byte of the response. */
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
 * A response whose body has been read: avoids the stream that a `Response` makes of a text, half of its cost. Successful responses have
 * no headers: nobody reads them, and without them the package returns the body as text.
 */
class TextResponse extends Response {
  override readonly text: () => Promise<string>;

  constructor(text: string, status: number, headers: Headers) {
    super(null, status === 200 ? { status } : { status, headers: flat(headers) });
    this.text = () => Promise.resolve(text);
  }
}

/** The headers that are read from a failure: when to retry. */
const readHeaders = /^(location|retry-after|x-ratelimit|x-should-retry)/;

function flat(headers: Headers): [string, string][] {
  return Object.entries(headers)
    .filter(([name]) => readHeaders.test(name))
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]);
}
