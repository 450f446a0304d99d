/** @file Repositories of the Hugging Face hub, as its API describes them. */
import { z } from "zod";
import { FlowError, reasonOf } from "../base/errors.ts";

/** A hub and how to access it. */
export interface Hub {
  /** Such as https://huggingface.co. */
  readonly endpoint: string;
  /** For repositories that are not public. */
  readonly token?: string | undefined;
  readonly fetch: typeof fetch;
  /** Longest time without a byte, ms. Default: a minute. */
  readonly silenceMs?: number;
}

/** An answer whose body comes in time, or fails. */
export interface HubAnswer {
  readonly status: number;
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

export interface HubFile {
  /** Path in the repository, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Hash of the content, hexadecimal; `git` is sha1 of git's header and the content. */
  readonly hash: { readonly kind: "sha256" | "git"; readonly value: string };
}

export interface HubRepository {
  readonly id: string;
  /** Commit of the files. */
  readonly revision: string;
  readonly files: readonly HubFile[];
}

const defaultSilenceMs = 60_000;
/** Most of a list of files that is read. */
const mostListBytes = 32 * 1024 * 1024;

const hexadecimal = (least: number, most: number): z.ZodType<string> =>
  z.string().regex(new RegExp(`^[0-9a-f]{${least},${most}}$`));
const answerSchema = z.object({
  // Becomes part of paths and addresses.
  sha: hexadecimal(7, 64),
  siblings: z.array(
    z.object({
      rfilename: z.string().refine(isPathInside),
      size: z.int().nonnegative(),
      blobId: hexadecimal(40, 64),
      lfs: z.object({ sha256: hexadecimal(64, 64), size: z.int().nonnegative() }).nullish(),
    }),
  ),
});

/** Whether a repository's name of a file stays in the repository on every system. */
function isPathInside(file: string): boolean {
  return file.split("/").every((part) => part !== "" && !/^\.+$/.test(part) && isPlain(part));
}

/** No control characters, and nothing that a system reads as a drive, a stream or a folder. */
function isPlain(part: string): boolean {
  return !/[\p{Cc}\\:*?"<>|]/u.test(part);
}

/** Whether a text names a repository as hubs do, OWNER/NAME. */
export function isRepositoryId(id: string): boolean {
  const word = "[A-Za-z0-9](?:[\\w.-]*[\\w-])?";
  return new RegExp(`^${word}/${word}$`).test(id) && !/\.\.|--/.test(id);
}

/**
 * The files of a repository's main branch.
 *
 * @throws FlowError `PROVIDER_FAILED` when the hub cannot be reached or has no such repository
 */
export async function readHubRepository(hub: Hub, id: string): Promise<HubRepository> {
  const url = `${hub.endpoint}/api/models/${id}/revision/main?blobs=true`;
  const { chunks } = await askHub(hub, url);
  const answer = answerSchema.safeParse(await jsonOf(chunks()));
  if (!answer.success) {
    const [fault] = answer.error.issues;
    throw new FlowError(
      "PROVIDER_FAILED",
      `${url}: not what a hub answers (${fault?.path.join(".") ?? ""}: ${fault?.message ?? ""}); check the endpoint`,
    );
  }
  const { sha, siblings } = answer.data;
  const files = siblings.map(({ rfilename, size, blobId, lfs }): HubFile => {
    const hash = lfs
      ? { kind: "sha256" as const, value: lfs.sha256 }
      : { kind: "git" as const, value: blobId };
    return { path: rfilename, bytes: lfs?.size ?? size, hash };
  });
  return { id, revision: sha, files };
}

/** The JSON of a body; null for one that is none or too long. */
async function jsonOf(chunks: AsyncIterable<Uint8Array>): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > mostListBytes) return null;
    parts.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    return null;
  }
}

/**
 * Asks the hub once; any status other than success is an error.
 *
 * @throws FlowError `PROVIDER_FAILED`, also while the body is read; {@link HubUnreachable} where nothing comes for too long
 */
export async function askHub(
  { fetch, token, silenceMs = defaultSilenceMs }: Hub,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<HubAnswer> {
  const silence = new AbortController();
  const end = (): void => {
    silence.abort();
  };
  const unreachable = (error: unknown): HubUnreachable => {
    signal?.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const reason = silence.signal.aborted
      ? `nothing came for ${silenceMs / 1000} s`
      : `no connection (${reasonOf(cause)})`;
    return new HubUnreachable(`${url}: ${reason}`, { cause: error });
  };
  const timer = setTimeout(end, silenceMs);
  const response = await fetch(url, {
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
  })
    .catch((error: unknown) => {
      throw unreachable(error);
    })
    .finally(() => {
      clearTimeout(timer);
    });
  if (response.ok) {
    return {
      status: response.status,
      chunks: async function* () {
        let waiting = setTimeout(end, silenceMs);
        try {
          for await (const chunk of response.body ?? []) {
            clearTimeout(waiting);
            yield chunk as Uint8Array;
            waiting = setTimeout(end, silenceMs);
          }
        } catch (error) {
          throw unreachable(error);
        } finally {
          clearTimeout(waiting);
        }
      },
    };
  }
  await response.body?.cancel().catch(() => undefined);
  const { status } = response;
  if (status === 429 || status >= 500) throw new HubUnreachable(`${url}: status ${status}`);
  const cure =
    status === 401 || status === 403
      ? "; a repository that is not public needs a token with access to it in HF_TOKEN"
      : status === 404
        ? "; there is no such repository or file"
        : "";
  throw new FlowError("PROVIDER_FAILED", `${url}: status ${status}${cure}`);
}

/** A temporary failure: no connection, or a hub that is busy or broken. */
export class HubUnreachable extends FlowError {
  override readonly name: string = "HubUnreachable";

  constructor(message: string, options?: ErrorOptions) {
    super("PROVIDER_FAILED", message, options);
  }
}
