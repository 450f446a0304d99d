import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { FlowError } from "../base/errors.ts";
import { askHub, HubUnreachable, type Hub, type HubFile } from "./hub-repository.ts";

export interface DownloadOptions {
  readonly url: string;
  /** Target path, absolute. The partial download is next to it, with the suffix `.part`. */
  readonly target: string;
  readonly file: HubFile;
  readonly signal: AbortSignal;
  /** Called with the bytes downloaded so far. */
  readonly onProgress: (bytes: number) => void;
  /** Delays between attempts, ms. */
  readonly retryDelaysMs?: readonly number[];
}

const defaultDelaysMs = [1_000, 4_000, 15_000, 60_000];

/**
 * Downloads a file, resuming an earlier attempt, and checks its size and hash. An existing file is checked and kept.
 *
 * @throws FlowError `PROVIDER_FAILED` when the download fails, or its size or hash differ from the repository's; it is removed then
 */
export async function downloadFile(hub: Hub, options: DownloadOptions): Promise<void> {
  const { target, file, signal, retryDelaysMs = defaultDelaysMs } = options;
  if (await isWhole(target, file)) {
    options.onProgress(file.bytes);
    return;
  }
  await mkdir(path.dirname(target), { recursive: true });
  const part = `${target}.part`;
  for (let tries = 0; ; tries++) {
    try {
      await appendRest(hub, part, options);
      break;
    } catch (error) {
      signal.throwIfAborted();
      const waitMs = retryDelaysMs[tries];
      if (!(error instanceof HubUnreachable) || waitMs === undefined) throw error;
      await delay(waitMs, undefined, { signal });
    }
  }
  const bytes = await sizeOf(part);
  const found = await hashFile(part, file);
  if (bytes !== file.bytes || found !== file.hash.value) {
    await rm(part, { force: true });
    const [got, wanted] =
      bytes === file.bytes
        ? [`the hash ${found}`, file.hash.value]
        : [`${bytes} bytes`, String(file.bytes)];
    throw new FlowError(
      "PROVIDER_FAILED",
      `${options.url}: what came has ${got}, the repository says ${wanted}; it was removed, fetch it again`,
    );
  }
  await rename(part, target);
}

/** Completes the partial file; one that is too long is downloaded again. */
async function appendRest(
  hub: Hub,
  part: string,
  { url, file, signal, onProgress }: DownloadOptions,
): Promise<void> {
  let done = await sizeOf(part);
  if (done > file.bytes) done = 0;
  if (done === file.bytes && done > 0) return;
  const headers = { "accept-encoding": "identity", ...(done > 0 && { range: `bytes=${done}-` }) };
  const response = await askHub(hub, url, headers, signal);
  if (response.status !== 206) done = 0; // the server sends the whole file
  const handle = await open(part, done > 0 ? "a" : "w");
  try {
    onProgress(done);
    for await (const chunk of response.chunks()) {
      await handle.writeFile(chunk);
      done += chunk.byteLength;
      if (done > file.bytes) break; // the size check fails
      onProgress(done);
    }
    await handle.sync();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await handle.close();
  }
  if (done < file.bytes)
    throw new HubUnreachable(`${url}: ended after ${done} of ${file.bytes} bytes`);
}

async function isWhole(target: string, file: HubFile): Promise<boolean> {
  if ((await sizeOf(target)) !== file.bytes || file.bytes === 0) return false;
  return (await hashFile(target, file)) === file.hash.value;
}

function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

async function hashFile(target: string, { bytes, hash }: HubFile): Promise<string> {
  const made: Hash =
    hash.kind === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(target, { highWaterMark: 1 << 20 })) {
    made.update(chunk as Buffer);
  }
  return made.digest("hex");
}
