import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { openS3Client, type S3ClientOptions } from "../../../../src/flow/store/s3/s3-client.ts";
import { openS3Store } from "../../../../src/flow/store/s3/open-s3-store.ts";
import { loadS3Module } from "../../../../src/flow/store/s3/s3-module.ts";
import { pieceBytes } from "../../../../src/flow/store/s3/upload-object.ts";
import { scratchFolder } from "../../../util/scratch-folder.ts";
import { failure } from "../contract.ts";
import { startScriptedS3 } from "./scripted-s3.ts";

let profile: string;

beforeEach(async () => {
  profile = join(await scratchFolder(), "config");
  vi.stubEnv("AWS_CONFIG_FILE", profile);
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", `${profile}-none`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"]) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function opened(options: S3ClientOptions) {
  const client = await openS3Client(await loadS3Module(), options);
  onTestFinished(() => {
    client.destroy();
  });
  const { region, forcePathStyle, endpoint } = client.config;
  const host = (await endpoint?.())?.hostname ?? null;
  return { region: await region(), pathStyle: forcePathStyle, host };
}

test("options come before the environment, and S3's address before that of all services", async () => {
  const environment = {
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL_S3: "http://s3.local:9000",
    AWS_ENDPOINT_URL: "http://all.local",
  };
  expect(await opened({ environment })).toEqual({
    ...{ region: "eu-west-1", pathStyle: true, host: "s3.local" },
  });
  const options = { region: "auto", endpoint: "https://given.example", pathStyle: false };
  expect(await opened({ ...options, environment })).toEqual({
    ...{ region: "auto", pathStyle: false, host: "given.example" },
  });
  const ignored = { ...environment, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
  expect(await opened({ environment: ignored })).toEqual({
    ...{ region: "eu-west-1", pathStyle: false, host: null },
  });
});

test("a region is that of other tools' variable or of the profile, and any with an endpoint", async () => {
  const environment = { AWS_DEFAULT_REGION: "sa-east-1" };
  expect((await opened({ environment })).region).toBe("sa-east-1");
  const endpoint = "http://s3.local:9000";
  expect((await opened({ endpoint })).region).toBe("us-east-1");
  await writeFile(`${profile}-2`, "[default]\nregion = ap-south-1\n");
  vi.stubEnv("AWS_CONFIG_FILE", `${profile}-2`); // the SDK reads each file once
  expect((await opened({})).region).toBe("ap-south-1");
  expect((await opened({ endpoint })).region).toBe("ap-south-1");
});

test("AWS needs a region", async () => {
  await expect(openS3Store("s3://runs/first")).rejects.toEqual(
    failure("CONFIG_INVALID", /No region is named.*set AWS_REGION/),
  );
});

test.each(["minio:9000", "s3.local", "ftp://s3.local"])(
  "refuses the endpoint %s",
  async (endpoint) => {
    await expect(openS3Store("s3://runs/first", { endpoint })).rejects.toEqual(
      failure("CONFIG_INVALID", /is no address of a server: write it as http:\/\/host:9000/),
    );
  },
);

test("the bucket is in the path of a given endpoint", async () => {
  const { url, asked } = await startScriptedS3({ status: 404, code: "NoSuchKey" });
  const store = await openS3Store("s3://runs/first/", { endpoint: url });
  onTestFinished(() => store.close());
  expect(store.name).toBe("s3://runs/first");
  expect(await store.get("a b/ü%")).toBeNull();
  expect(asked).toEqual(["GET /runs/first/a%20b/%C3%BC%25?x-id=GetObject"]);
});

test("pieces are of 16 MiB, and larger where there would be more than 10,000", () => {
  const mib = 1024 * 1024;
  expect(pieceBytes(40 * mib)).toBe(16 * mib);
  expect(pieceBytes(160_000 * mib)).toBe(16 * mib);
  expect(pieceBytes(160_000 * mib + 1)).toBe(17 * mib);
  const most = 5 * mib * mib;
  expect(Math.ceil(most / pieceBytes(most))).toBeLessThanOrEqual(10_000);
});
