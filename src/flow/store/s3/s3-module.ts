/** @file Loads `@aws-sdk/client-s3`, which is not installed unless runs are kept in a bucket. */
import type * as s3 from "@aws-sdk/client-s3";
import { FlowError, reasonOf } from "../../../base/errors.ts";

/** The module `@aws-sdk/client-s3`. */
export type S3Module = typeof s3;

const used = [
  "S3Client",
  "GetObjectCommand",
  "HeadObjectCommand",
  "PutObjectCommand",
  "DeleteObjectCommand",
  "ListObjectsV2Command",
  "CreateMultipartUploadCommand",
  "UploadPartCommand",
  "CompleteMultipartUploadCommand",
  "AbortMultipartUploadCommand",
];

/**
 * @param load - For tests
 * @throws `DEPENDENCY_MISSING` with the command that installs it
 */
export async function loadS3Module(
  load: () => Promise<unknown> = () => import("@aws-sdk/client-s3"),
): Promise<S3Module> {
  const cure = "Install it beside r4ec: npm install @aws-sdk/client-s3@3";
  const loaded = await load().catch((error: unknown) => {
    throw new FlowError(
      "DEPENDENCY_MISSING",
      `A run in a bucket needs the package @aws-sdk/client-s3, which cannot be loaded here. ${cure} (${reasonOf(error)})`,
      { cause: error },
    );
  });
  if (isS3Module(loaded)) return loaded;
  throw new FlowError(
    "DEPENDENCY_MISSING",
    `The @aws-sdk/client-s3 that is installed here lacks commands that are needed: it is of another version. ${cure}`,
  );
}

function isS3Module(module: unknown): module is S3Module {
  if (typeof module !== "object" || module === null) return false;
  const members = new Map<string, unknown>(Object.entries(module));
  return used.every((name) => typeof members.get(name) === "function");
}
