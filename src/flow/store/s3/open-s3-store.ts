import { isContent, bytesOf } from "../store-content.ts";
import type { RunStore, StoredFile } from "../run-store.ts";
import { isKey, requireKey, requirePrefix } from "../store-key.ts";
import { storeWaits } from "../try-again.ts";
import { downloadObject } from "./download-object.ts";
import { openS3Client, type S3ClientOptions } from "./s3-client.ts";
import { BrokenReply, faultOf } from "./s3-fault.ts";
import { loadS3Module } from "./s3-module.ts";
import { s3Site, type S3Site } from "./s3-site.ts";
import { parseS3Uri } from "./s3-uri.ts";
import { uploadObject } from "./upload-object.ts";

export interface S3StoreOptions extends S3ClientOptions {
  /** Pauses before another try, ms. The SDK itself tries three times before each. Default: about three minutes in all */
  readonly waits?: readonly number[];
}

/**
 * A store below `s3://bucket/prefix`, in AWS S3 or any server with its interface and conditional writes. Nothing is asked yet.
 *
 * @throws `CONFIG_INVALID` for an address, endpoint or region; `DEPENDENCY_MISSING` without `@aws-sdk/client-s3`
 */
export async function openS3Store(uri: string, options: S3StoreOptions = {}): Promise<RunStore> {
  const place = parseS3Uri(uri);
  const module = await loadS3Module();
  const client = await openS3Client(module, options);
  const site = s3Site(place, module, client, options.waits ?? storeWaits);
  const { name, bucket: Bucket } = site;
  const objectOf = (key: string): { readonly Bucket: string; readonly Key: string } => {
    requireKey(key);
    return { Bucket, Key: `${place.prefix}/${key}` };
  };
  const write = { verb: "write", permission: "s3:PutObject" };

  return {
    name,
    list: (prefix) => listObjects(site, prefix),
    get: async (key) => {
      const object = objectOf(key);
      return site.ask({ verb: "read", key, permission: "s3:GetObject" }, () => read(site, object));
    },
    put: async (key, content) => {
      const object = { ...objectOf(key), Body: bytesOf(content) };
      await site.ask({ ...write, key }, () => client.send(new module.PutObjectCommand(object)));
    },
    putIfAbsent: async (key, content) => {
      const object = objectOf(key);
      const absent = { ...object, Body: bytesOf(content), IfNoneMatch: "*" };
      return site.ask({ ...write, key }, async () => {
        try {
          await client.send(new module.PutObjectCommand(absent));
          return true;
        } catch (error) {
          if (faultOf(error).status !== 412) throw error;
        }
        // Another was first, or this one, whose reply was lost.
        const found = await read(site, object);
        if (found === null) throw new BrokenReply("it was deleted meanwhile");
        return isContent(found, content);
      });
    },
    upload: async (key, path) => {
      requireKey(key);
      await uploadObject(site, key, path);
    },
    download: async (key, path) => {
      requireKey(key);
      return downloadObject(site, key, path);
    },
    delete: async (key) => {
      const object = objectOf(key);
      await site.ask({ verb: "delete", key, permission: "s3:DeleteObject" }, async () => {
        await client.send(new module.DeleteObjectCommand(object)).catch((error: unknown) => {
          if (faultOf(error).name !== "NoSuchKey") throw error;
        });
      });
    },
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}

async function read(
  { client, module }: S3Site,
  object: { readonly Bucket: string; readonly Key: string },
): Promise<Uint8Array | null> {
  try {
    const { Body, ContentLength } = await client.send(new module.GetObjectCommand(object));
    const content = (await Body?.transformToByteArray()) ?? new Uint8Array();
    if (content.byteLength === (ContentLength ?? content.byteLength)) return content;
    throw new BrokenReply(`${content.byteLength} of ${String(ContentLength)} bytes came`);
  } catch (error) {
    if (faultOf(error).name === "NoSuchKey") return null;
    throw error;
  }
}

async function* listObjects(site: S3Site, prefix: string): AsyncGenerator<StoredFile> {
  requirePrefix(prefix);
  const { client, module, bucket: Bucket } = site;
  const root = `${site.prefix}/`;
  const asked = { verb: "list", key: `${prefix}*`, permission: "s3:ListBucket" };
  for (let next: string | undefined; ;) {
    const page = { Bucket, Prefix: root + prefix, ...(next && { ContinuationToken: next }) };
    const { Contents, NextContinuationToken } = await site.ask(asked, () =>
      client.send(new module.ListObjectsV2Command(page)),
    );
    for (const { Key, Size, ETag, LastModified } of Contents ?? []) {
      const key = Key?.slice(root.length) ?? "";
      if (!isKey(key)) continue; // tools leave empty objects named like folders
      yield { key, bytes: Size ?? 0, tag: ETag ?? "", writtenMs: LastModified?.getTime() ?? NaN };
    }
    if (NextContinuationToken === undefined) return;
    next = NextContinuationToken;
  }
}
