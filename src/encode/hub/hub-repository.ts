/** @file Repositories of the Hugging Face hub, as its API describes them. */
import { z } from "zod";
import { FlowError, reasonOf } from "../../base/errors.ts";

/** A hub and how to access it. */
export interface Hub {
  /** Such as https://huggingface.co. */
  readonly endpoint: string;
  /** For repositories that are not public. */
  readonly token?: string | undefined;
  readonly fetch: typeof fetch;
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

const answerSchema = z.object({
  sha: z.string().min(7),
  siblings: z.array(
    z.object({
      rfilename: z.string().refine((file) => !file.split("/").includes("..")),
      size: z.int().nonnegative(),
      blobId: z.string(),
      lfs: z.object({ sha256: z.string().length(64), size: z.int() }).nullish(),
    }),
  ),
});

/**
 * The files of a repository's main branch.
 *
 * @throws FlowError `PROVIDER_FAILED` when the hub cannot be reached or has no such repository
 */
export async function readHubRepository(hub: Hub, id: string): Promise<HubRepository> {
  const url = `${hub.endpoint}/api/models/${id}/revision/main?blobs=true`;
  const response = await askHub(hub, url);
  const answer = answerSchema.safeParse(await response.json().catch(() => null));
  if (!answer.success) {
    throw new FlowError("PROVIDER_FAILED", `${url}: not what a hub answers; check the endpoint`);
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

/**
 * Asks the hub once; any status other than success is an error.
 *
 * @throws FlowError `PROVIDER_FAILED`
 */
export async function askHub(
  { fetch, token }: Hub,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const response = await fetch(url, {
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    signal?.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new HubUnreachable(`${url}: no connection (${reasonOf(cause)})`, { cause: error });
  });
  if (response.ok) return response;
  await response.body?.cancel();
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
