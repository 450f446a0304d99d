import { expect, test } from "vitest";
import { loadS3Module } from "../../../../src/flow/store/s3/s3-module.ts";
import { failure } from "../contract.ts";

test("the package is named where it is missing, with the command that installs it", async () => {
  const missing = () => Promise.reject(new Error("Cannot find package '@aws-sdk/client-s3'"));
  await expect(loadS3Module(missing)).rejects.toEqual(
    failure("DEPENDENCY_MISSING", /npm install @aws-sdk\/client-s3@3 \(Cannot find package/),
  );
});

test("a package without the commands is of another version", async () => {
  for (const other of [{ S3Client: Object }, null, 1]) {
    await expect(loadS3Module(() => Promise.resolve(other))).rejects.toEqual(
      failure("DEPENDENCY_MISSING", /of another version\. Install it/),
    );
  }
});
