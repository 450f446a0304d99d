import { randomUUID } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { FlowError } from "../../../base/errors.ts";
import { limitConcurrency } from "../../../base/limit-concurrency.ts";
import type { Asked } from "./s3-errors.ts";
import { faultOf } from "./s3-fault.ts";
import type { S3Site } from "./s3-site.ts";

const mib = 1024 * 1024;
const leastPieceBytes = 16 * mib;
const mostPieces = 10_000;
const atOnce = 4;
const markName = "r4ec-upload";

/** Size of the pieces that a file is uploaded in, bytes: 16 MiB, or what makes at most 10,000 of them. */
export function pieceBytes(fileBytes: number): number {
  return Math.max(leastPieceBytes, Math.ceil(fileBytes / mostPieces / mib) * mib);
}

/** Writes a file from disk to a key of the bucket; a large one in pieces, of which nothing is seen before all are there. */
export async function uploadObject(site: S3Site, key: string, path: string): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size < leastPieceBytes) await uploadWhole(site, key, await readPiece(file, path, 0, size));
    else await uploadInPieces(site, key, { file, path, size });
  } finally {
    await file.close();
  }
}

interface OpenFile {
  readonly file: FileHandle;
  readonly path: string;
  readonly size: number;
}

async function uploadWhole(site: S3Site, key: string, content: Uint8Array): Promise<void> {
  const { client, module, bucket: Bucket } = site;
  const Key = `${site.prefix}/${key}`;
  await site.ask(writing(key), () =>
    client.send(new module.PutObjectCommand({ Bucket, Key, Body: content })),
  );
}

async function uploadInPieces(site: S3Site, key: string, { file, path, size }: OpenFile) {
  const { client, module, bucket: Bucket } = site;
  const Key = `${site.prefix}/${key}`;
  const asked = writing(key);
  const mark = randomUUID();
  const UploadId = await site.ask(asked, async () => {
    const create = { Bucket, Key, Metadata: { [markName]: mark } };
    return (await client.send(new module.CreateMultipartUploadCommand(create))).UploadId;
  });
  try {
    const bytes = pieceBytes(size);
    const pieces = Array.from({ length: Math.ceil(size / bytes) }, (_, place) => async () => {
      const start = place * bytes;
      const Body = await readPiece(file, path, start, Math.min(bytes, size - start));
      const PartNumber = place + 1;
      const piece = { Bucket, Key, UploadId, PartNumber, Body };
      const { ETag } = await site.ask(asked, () =>
        client.send(new module.UploadPartCommand(piece)),
      );
      return { ETag, PartNumber };
    });
    const Parts = [...(await limitConcurrency(atOnce, pieces))];
    await site.ask(asked, async () => {
      const complete = { Bucket, Key, UploadId, MultipartUpload: { Parts } };
      try {
        await client.send(new module.CompleteMultipartUploadCommand(complete));
      } catch (error) {
        // Where the reply to a first request was lost, the upload has ended with it.
        if (faultOf(error).name !== "NoSuchUpload") throw error;
        const head = new module.HeadObjectCommand({ Bucket, Key });
        const found = await client.send(head).catch((failed: unknown) => {
          if (faultOf(failed).status !== 404) throw failed;
          return null;
        });
        if (found?.Metadata?.[markName] !== mark) throw error;
      }
    });
  } catch (error) {
    const abort = { Bucket, Key, UploadId };
    await client.send(new module.AbortMultipartUploadCommand(abort)).catch(() => undefined); // `error` is the cause
    throw error;
  }
}

function writing(key: string): Asked {
  return { verb: "write", key, permission: "s3:PutObject" };
}

async function readPiece(
  file: FileHandle,
  path: string,
  start: number,
  length: number,
): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(piece, done, length - done, start + done);
    if (bytesRead === 0) {
      throw new FlowError(
        "STORE_FAILED",
        `${path} became shorter while it was uploaded: something else writes to it. Run the same command again once that has ended.`,
      );
    }
    done += bytesRead;
  }
  return piece;
}
