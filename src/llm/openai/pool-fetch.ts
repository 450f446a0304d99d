import { Pool, ProxyAgent, type Dispatcher } from "undici";
import { decoded } from "./decoded.ts";

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
  /** Null: directly. */
  readonly proxy: URL | null;
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
  const { origin, headers } = options;
  const { dispatcher, pathOf, proxyHeaders } = routeOf(options);
  const sent = { ...headers, ...proxyHeaders };
  return {
    post: (url, body) => {
      const exchange = new Exchange();
      dispatcher.dispatch(
        { origin, path: pathOf(url), method: "POST", headers: sent, body },
        exchange,
      );
      return exchange;
    },
    close: () => dispatcher.destroy(),
  };
}

interface Route {
  readonly dispatcher: Dispatcher;
  /** What the request line names. */
  readonly pathOf: (url: string) => string;
  readonly proxyHeaders: Readonly<Record<string, string>>;
}

/** Directly; over a proxy's tunnel; or, for plain http, by asking the proxy for the whole address: many refuse tunnels to such ports. */
function routeOf({ origin, proxy, connections, connectTimeoutMs }: PoolFetchOptions): Route {
  const connect = { timeout: connectTimeoutMs };
  const common = {
    connections,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxResponseBytes,
  };
  const pathOf = (url: string): string => url.slice(origin.length);
  if (proxy === null) {
    return { dispatcher: new Pool(origin, { ...common, connect }), pathOf, proxyHeaders: {} };
  }
  if (origin.startsWith("http:") && proxy.protocol === "http:") {
    return {
      dispatcher: new Pool(proxy.origin, { ...common, connect }),
      pathOf: (url) => url,
      proxyHeaders: { host: new URL(origin).host, ...authorization(proxy) },
    };
  }
  const dispatcher = new ProxyAgent({
    ...common,
    uri: proxy.href,
    proxyTls: connect,
    requestTls: connect,
  });
  return { dispatcher, pathOf, proxyHeaders: {} };
}

function authorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "") return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(plain).toString("base64")}` };
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
    try {
      const plain = decoded(bytes, this.#headers["content-encoding"], maxResponseBytes);
      this.#resolve(new TextResponse(utf8.decode(plain), this.#status, this.#headers));
    } catch (error) {
      this.#reject(error instanceof Error ? error : new Error(String(error)));
    }
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
