import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { BrokenReply, faultOf } from "./s3-fault.ts";
import type { S3Site } from "./s3-site.ts";

/** Reads an object to a new path, which appears once it is whole and on disk. @returns False where there is none */
export async function downloadObject(site: S3Site, key: string, path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(unfinished, "wx");
    try {
      if (!(await fetchInto(site, key, file))) return false;
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    return true;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** What is there of an object. */
interface Fetched {
  done: number;
  total: number;
  tag: string | undefined;
}

async function fetchInto(site: S3Site, key: string, file: FileHandle): Promise<boolean> {
  const asked = { verb: "read", key, permission: "s3:GetObject" };
  const fetched: Fetched = { done: 0, total: -1, tag: undefined };
  let starts = 0;
  return site.ask(asked, async (advance) => {
    if (fetched.done === 0) starts++;
    const body = await openRest(site, key, fetched, file);
    if (body === null) return false;
    for await (const chunk of body) {
      const bytes = chunk as Buffer; // no encoding is set
      await writeAt(file, bytes, fetched.done);
      fetched.done += bytes.byteLength;
      if (starts === 1) advance(); // an object that is written to all the time must not keep this going
    }
    if (fetched.done !== fetched.total) {
      const { done, total } = fetched;
      if (done > total) await startOver(fetched, file);
      throw new BrokenReply(`${done} of ${total} bytes came`);
    }
    return true;
  });
}

/** Asks for what is missing, of the same content. @returns Null where there is no object */
async function openRest(
  { client, module, bucket: Bucket, prefix }: S3Site,
  key: string,
  fetched: Fetched,
  file: FileHandle,
): Promise<Readable | null> {
  const { done, tag, total } = fetched;
  if (done > 0 && done === total) return Readable.from([]);
  const rest = done > 0 ? { Range: `bytes=${done}-`, ...(tag && { IfMatch: tag }) } : {};
  try {
    const command = new module.GetObjectCommand({ Bucket, Key: `${prefix}/${key}`, ...rest });
    const { Body, ContentLength, ContentRange, ETag } = await client.send(command);
    if (!(Body instanceof Readable)) throw new BrokenReply("no content came");
    if (done > 0 && ContentRange?.startsWith(`bytes ${done}-`) !== true) {
      await startOver(fetched, file); // a store that does not read from the middle
    }
    if (fetched.done === 0) {
      fetched.total = ContentLength ?? -1;
      fetched.tag = ETag;
    }
    return Body;
  } catch (error) {
    const { name, status } = faultOf(error);
    if (name === "NoSuchKey") return null;
    if (status !== 412 && status !== 416) throw error;
    await startOver(fetched, file);
    throw new BrokenReply("it was written to meanwhile");
  }
}

async function startOver(fetched: Fetched, file: FileHandle): Promise<void> {
  await file.truncate(0);
  fetched.done = 0;
  fetched.total = -1;
  fetched.tag = undefined;
}

async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const { bytesWritten } = await file.write(bytes, done, undefined, position + done);
    done += bytesWritten;
  }
}
