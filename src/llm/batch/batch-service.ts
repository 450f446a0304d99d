import { createReadStream } from "node:fs";
import OpenAI, { APIConnectionError, APIError } from "openai";
import { ProxyAgent } from "undici";
import { z } from "zod";
import { FlowError, reasonOf } from "../../base/errors.ts";
import { proxyOf } from "../openai/proxy-of.ts";
import { readSecrets } from "../secrets.ts";
import type { ServiceAddress } from "./queued-request.ts";
import { chatPath } from "./write-request-files.ts";

/** A batch as the service describes it. */
export interface RemoteBatch {
  readonly id: string;
  readonly inputFileId: string;
  readonly status: string;
  /** Whether its status is final. */
  readonly isOver: boolean;
  readonly outputFileId: string | null;
  readonly errorFileId: string | null;
  readonly completed: number;
  readonly failed: number;
  readonly total: number;
  /** Why the service rejected it. */
  readonly errors: readonly { readonly code: string | null; readonly message: string }[];
}

/** A service with the Batch API. Every failure is a FlowError `PROVIDER_FAILED` without secrets, or a {@link PassingFailure}. */
export interface BatchService {
  /** @returns Id of the file */
  readonly upload: (path: string, signal: AbortSignal) => Promise<string>;
  readonly create: (inputFileId: string, signal: AbortSignal) => Promise<RemoteBatch>;
  /** The batch of an uploaded file; null when there is none. */
  readonly find: (inputFileId: string, signal: AbortSignal) => Promise<RemoteBatch | null>;
  readonly look: (batchId: string, signal: AbortSignal) => Promise<RemoteBatch>;
  readonly content: (fileId: string, signal: AbortSignal) => AsyncIterable<Uint8Array>;
  readonly redact: (text: string) => string;
  /** Removes the key from an answer that repeats it. */
  readonly mask: (text: string) => string;
}

/** No connection, a timeout or a failing server: the same call may succeed later. It may or may not have had an effect. */
export class PassingFailure extends Error {
  override readonly name: string = "PassingFailure";
}

const text = z.string().nullish();
const amount = z.int().min(0).catch(0);
const remote = z.looseObject({
  id: z.string().regex(/^[\w.:-]+$/),
  input_file_id: z.string(),
  status: z.string(),
  output_file_id: text,
  error_file_id: text,
  request_counts: z
    .looseObject({ completed: amount, failed: amount, total: amount })
    .nullish()
    .catch(null),
  errors: z
    .looseObject({ data: z.array(z.looseObject({ code: text, message: text })).nullish() })
    .nullish()
    .catch(null),
});

const over = new Set(["completed", "failed", "expired", "cancelled"]);
const timeoutMs = 120_000;
const uploadTimeoutMs = 900_000;
const findBatches = 1_000;

/**
 * Opens the Batch API of a service, through the `openai` package, and through the proxy that the environment names.
 *
 * @throws FlowError `CONFIG_INVALID` when the key is not set, or a proxy variable holds no address
 */
export function openBatchService(address: ServiceAddress): BatchService {
  const { headers, source, redact, mask } = readSecrets(address);
  const proxy = proxyOf(new URL(address.baseUrl));
  const place = proxy === null ? "" : ` through the proxy ${proxy.name} of ${proxy.variable}`;
  const client = new OpenAI({
    baseURL: address.baseUrl,
    apiKey: "set-by-header",
    defaultHeaders: { authorization: null, ...headers },
    timeout: timeoutMs,
    maxRetries: 3,
    organization: null,
    project: null,
    logLevel: "off",
    ...(proxy !== null && { fetch: fetchThrough(proxyAgent(address.baseUrl, proxy.url)) }),
  });

  const call = async <T>(
    what: string,
    signal: AbortSignal,
    run: (signal: AbortSignal) => PromiseLike<T>,
  ): Promise<T> => {
    signal.throwIfAborted();
    const link = linkedTo(signal);
    try {
      return await run(link.controller.signal);
    } catch (error) {
      signal.throwIfAborted();
      throw asFailure(`${address.baseUrl}${place}: ${what}`, error, source, redact);
    } finally {
      link.cut();
    }
  };

  return {
    redact,
    mask,
    upload: (path, signal) =>
      call("uploading requests", signal, async (own) => {
        const options = { signal: own, timeout: uploadTimeoutMs };
        const body = { file: createReadStream(path), purpose: "batch" } as const;
        return (await client.files.create(body, options)).id;
      }),
    create: (inputFileId, signal) =>
      call("creating a batch", signal, async (own) => {
        const body = {
          input_file_id: inputFileId,
          endpoint: chatPath,
          completion_window: "24h",
        } as const;
        // The SDK must not retry: a batch exists even if the response was lost.
        return asRemote(await client.batches.create(body, { signal: own, maxRetries: 0 }), redact);
      }),
    find: (inputFileId, signal) =>
      call("listing batches", signal, async (own) => {
        let seen = 0;
        for await (const batch of client.batches.list({ limit: 100 }, { signal: own })) {
          if (batch.input_file_id === inputFileId) return asRemote(batch, redact);
          if (++seen >= findBatches) break;
        }
        return null;
      }),
    look: (batchId, signal) =>
      call(`batch ${batchId}`, signal, async (own) =>
        asRemote(await client.batches.retrieve(batchId, { signal: own }), redact),
      ),
    content: async function* (fileId, signal) {
      const what = `file ${fileId}`;
      const link = linkedTo(signal);
      try {
        const response = await call(what, signal, () =>
          client.files.content(fileId, { signal: link.controller.signal }),
        );
        if (response.body === null) return;
        const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
        for (;;) {
          const stalled = setTimeout(() => {
            link.controller.abort(new Error(`nothing came for ${timeoutMs / 1000} s`));
          }, timeoutMs);
          const { done, value } = await call(what, signal, () =>
            reader.read().catch((error: unknown) => {
              throw new PassingFailure(reasonOf(error), { cause: error });
            }),
          ).finally(() => {
            clearTimeout(stalled);
          });
          if (done) return;
          yield value;
        }
      } finally {
        link.controller.abort();
        link.cut();
      }
    },
  };
}

/** As for requests that are answered at once: tunnels for TLS only, as many proxies refuse them to other ports. */
function proxyAgent(baseUrl: string, proxy: URL): ProxyAgent {
  return new ProxyAgent({ uri: proxy.href, proxyTunnel: !baseUrl.startsWith("http:") });
}

function fetchThrough(dispatcher: ProxyAgent): typeof fetch {
  return (input, init) => fetch(input, Object.assign({}, init, { dispatcher }));
}

/** A controller that aborts with the signal until it is cut: the SDK never removes its listeners from a signal. */
function linkedTo(signal: AbortSignal): {
  readonly controller: AbortController;
  readonly cut: () => void;
} {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  return {
    controller,
    cut: () => {
      signal.removeEventListener("abort", abort);
    },
  };
}

function asRemote(batch: unknown, redact: (text: string) => string): RemoteBatch {
  const read = remote.safeParse(batch);
  if (!read.success) {
    throw new PassingFailure(`the answer describes no batch: ${reasonOf(read.error)}`);
  }
  const { id, input_file_id, status, output_file_id, error_file_id } = read.data;
  const { request_counts: counts, errors } = read.data;
  return {
    id,
    inputFileId: input_file_id,
    status,
    isOver: over.has(status),
    outputFileId: output_file_id ?? null,
    errorFileId: error_file_id ?? null,
    completed: counts?.completed ?? 0,
    failed: counts?.failed ?? 0,
    total: counts?.total ?? 0,
    errors: (errors?.data ?? []).map(({ code, message }) => ({
      code: code ?? null,
      message: redact(message ?? "no message"),
    })),
  };
}

/** The error without its cause, which may contain headers. */
function asFailure(
  what: string,
  error: unknown,
  source: string,
  redact: (text: string) => string,
): Error {
  if (error instanceof FlowError) return error;
  const message = `${what}: ${redact(reasonOf(error))}`;
  if (error instanceof PassingFailure || error instanceof APIConnectionError) {
    return new PassingFailure(message);
  }
  const status: unknown = error instanceof APIError ? error.status : null;
  if (typeof status !== "number") return new Error(message);
  if (status >= 500 || status === 408 || status === 409 || status === 429) {
    return new PassingFailure(message);
  }
  const cure =
    status === 401 || status === 403
      ? `It refuses the key: check ${source}.`
      : status === 404
        ? "Check that baseUrl ends before /batches, that the service has the Batch API, and that the key belongs to the same account."
        : "Fix the settings, and run again.";
  return new FlowError("PROVIDER_FAILED", `${message}. ${cure}`);
}
