import { FlowError } from "../../../base/errors.ts";
import { isKey } from "../store-key.ts";

/** A place in a bucket. */
export interface S3Place {
  readonly bucket: string;
  /** Names of folders, without a slash at either end; never empty. */
  readonly prefix: string;
}

const example = "Write it as s3://bucket/folder.";

/** Of today's rules, and of those before 2018, which buckets may still be named by. */
const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;

/**
 * The place that `s3://bucket/prefix` names. Slashes at the end are dropped.
 *
 * @throws `CONFIG_INVALID`
 */
export function parseS3Uri(uri: string): S3Place {
  if (uri.includes("@")) {
    throw invalid(
      "An address of a bucket holds no user, key or password: give them by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, by a profile, " +
        `or by the role of the machine. ${example}`,
    );
  }
  const [, scheme, rest] = /^([^/]*):\/\/(.*)$/su.exec(uri) ?? [];
  if (scheme !== "s3" || rest === undefined) {
    throw invalid(`${uri} is no address of a folder in a bucket. ${example}`);
  }
  if (/[?#]/.test(rest)) {
    throw invalid(`${uri}: ? and # have no meaning in the address of a bucket. ${example}`);
  }
  const [bucket = "", ...names] = rest.replace(/\/+$/, "").split("/");
  if (!bucketName.test(bucket)) {
    throw invalid(
      `${uri}: ${bucket === "" ? "the bucket is missing" : `${JSON.stringify(bucket)} is no name of a bucket`}. ${example}`,
    );
  }
  const prefix = names.join("/");
  if (prefix === "") {
    throw invalid(
      `${uri} names a whole bucket: name a folder in the bucket, such as s3://${bucket}/runs/first.`,
    );
  }
  if (!isKey(prefix) || Buffer.byteLength(prefix) > 200) {
    throw invalid(
      `${uri}: expected names of folders with one slash between them after the bucket, without . and .., backslashes and control ` +
        "characters, of 200 bytes at most.",
    );
  }
  return { bucket, prefix };
}

function invalid(message: string): FlowError {
  return new FlowError("CONFIG_INVALID", message);
}
