import { describe, expect, test } from "vitest";
import { parseS3Uri } from "../../../../src/flow/store/s3/s3-uri.ts";
import { failure } from "../contract.ts";

describe("parseS3Uri", () => {
  test.each([
    ["s3://runs/first", "runs", "first"],
    ["s3://my.bucket-1/a/b c/ü//", "my.bucket-1", "a/b c/ü"],
    ["s3://Old_Bucket/a%20b/", "Old_Bucket", "a%20b"],
  ])("%s", (uri, bucket, prefix) => {
    expect(parseS3Uri(uri)).toEqual({ bucket, prefix });
  });

  test.each([
    ["runs/first", /no address of a folder in a bucket\. Write it as s3:\/\/bucket\/folder/],
    ["S3://runs/first", /no address/],
    ["gs://runs/first", /gs:\/\/runs\/first is no address/],
    ["s3:/runs/first", /no address/],
    ["s3:///first", /the bucket is missing/],
    ["s3://", /the bucket is missing/],
    ["s3://b!/first", /"b!" is no name of a bucket/],
    ["s3://runs", /name a folder in the bucket, such as s3:\/\/runs\/runs\/first/],
    ["s3://runs//", /name a folder in the bucket/],
    ["s3://runs//first", /one slash between them/],
    ["s3://runs/a/../b", /without \. and \.\./],
    ["s3://runs/a\\b", /backslashes/],
    ["s3://runs/a\nb", /control characters/],
    [`s3://runs/${"a/".repeat(150)}b`, /200 bytes/],
    ["s3://runs/first?region=x", /\? and # have no meaning/],
  ])("refuses %j", (uri, message) => {
    expect(() => parseS3Uri(uri)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(() => parseS3Uri(uri)).toThrow(message);
  });

  test("does not repeat a secret", () => {
    const parse = (): unknown => parseS3Uri("s3://AKIATEST:verysecret@runs/first");
    expect(parse).toThrow(failure("CONFIG_INVALID", /holds no user, key or password/));
    expect(parse).not.toThrow(/AKIATEST|verysecret/);
  });
});
