import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { FlowError } from "../../../../src/base/errors.ts";
import { probeStore } from "../../../../src/flow/store/probe.ts";
import type { RunStore } from "../../../../src/flow/store/run-store.ts";
import { asStoreError } from "../../../../src/flow/store/s3/s3-errors.ts";
import { openS3Store } from "../../../../src/flow/store/s3/open-s3-store.ts";
import { scratchFolder } from "../../../util/scratch-folder.ts";
import { failure, keysOf, textOf } from "../contract.ts";
import { startScriptedS3, type ScriptedReply } from "./scripted-s3.ts";

beforeEach(async () => {
  const nowhere = join(await scratchFolder(), "none");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "verysecret");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", nowhere);
  vi.stubEnv("AWS_CONFIG_FILE", nowhere);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function openAt(endpoint: string, waits: readonly number[] = [1, 1]): Promise<RunStore> {
  const store = await openS3Store("s3://runs/first", { endpoint, region: "eu-north-1", waits });
  onTestFinished(() => store.close());
  return store;
}

async function failing(reply: ScriptedReply): Promise<RunStore> {
  return openAt((await startScriptedS3(reply)).url);
}

describe("a store tells what is wrong and what to do", () => {
  test.each<[ScriptedReply, RegExp]>([
    [
      { status: 404, code: "NoSuchBucket" },
      /^The store s3:\/\/runs\/first could not write a\/b: there is no such bucket\. Create it, or correct its name/,
    ],
    [
      { status: 403, code: "AccessDenied", message: "not for you" },
      /does not permit it \(not for you\)\. Allow s3:PutObject in the policy/,
    ],
    [
      { status: 400, code: "ExpiredToken" },
      /credentials have expired \(ExpiredToken\)\. Get new ones/,
    ],
    [
      { status: 403, code: "InvalidAccessKeyId", fields: { AWSAccessKeyId: "AKIATEST" } },
      /does not know the access key.*Correct AWS_ACCESS_KEY_ID/,
    ],
    [
      { status: 403, code: "SignatureDoesNotMatch", fields: { StringToSign: "AKIATEST" } },
      /secret key does not belong to the access key.*Correct AWS_SECRET_ACCESS_KEY/,
    ],
    [
      {
        status: 403,
        code: "RequestTimeTooSkewed",
        headers: { date: new Date(Date.now() - 3_600_000).toUTCString() },
      },
      /clock of this machine differs too much.*Set the clock/,
    ],
    [
      {
        status: 301,
        code: "PermanentRedirect",
        headers: { "x-amz-bucket-region": "eu-central-1" },
      },
      /bucket is in the region eu-central-1 .*Set AWS_REGION to eu-central-1\./,
    ],
    [
      { status: 400, code: "AuthorizationHeaderMalformed", fields: { Region: "us-west-2" } },
      /bucket is in the region us-west-2 .*Set AWS_REGION to us-west-2\./,
    ],
    [{ status: 307, code: "TemporaryRedirect" }, /in another region \(status 307\)/],
    [
      { status: 400, code: "EntityTooLarge", message: "too\u001b[2Jlarge" },
      /EntityTooLarge 400: too.*large\. Check that the endpoint is a store with an S3 interface/,
    ],
  ])("%j", async (reply, message) => {
    const store = await failing(reply);
    const error = await store.put("a/b", "x").catch((thrown: unknown) => thrown);
    expect(error).toEqual(failure("STORE_FAILED", message));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(
      /AKIATEST|verysecret|\u001b\[2J/,
    );
  });

  test("names the permission of each operation", async () => {
    const store = await failing({ status: 403, code: "AccessDenied" });
    const folder = await scratchFolder();
    await writeFile(join(folder, "up"), "x");
    const denied = (permission: string): unknown =>
      failure("STORE_FAILED", new RegExp(`Allow s3:${permission} in`));
    await expect(store.get("a")).rejects.toEqual(denied("GetObject"));
    await expect(store.download("a", join(folder, "down"))).rejects.toEqual(denied("GetObject"));
    await expect(store.upload("a", join(folder, "up"))).rejects.toEqual(denied("PutObject"));
    await expect(store.putIfAbsent("a", "x")).rejects.toEqual(denied("PutObject"));
    await expect(store.delete("a")).rejects.toEqual(denied("DeleteObject"));
    await expect(keysOf(store, "a")).rejects.toEqual(denied("ListBucket"));
    await expect(store.get("a")).rejects.toEqual(
      failure("STORE_FAILED", /a missing file looks like a forbidden one/),
    );
  });

  test("credentials that are nowhere", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
    const { url, asked } = await startScriptedS3({ status: 200 });
    await expect((await openAt(url)).put("a", "x")).rejects.toEqual(
      failure("STORE_FAILED", /there are no credentials.*Set AWS_ACCESS_KEY_ID/),
    );
    expect(asked).toEqual([]);
  });

  test("a server that is out of reach, after a few tries only", async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
    const { port } = free.address() as AddressInfo; // of a server that listens on TCP
    await new Promise((resolve) => free.close(resolve));
    const never = 2 ** 30; // a fifth pause would outlast the test
    const store = await openAt(`http://127.0.0.1:${port}`, [1, 1, 1, 1, never]);
    await expect(store.put("a", "x")).rejects.toEqual(
      failure("STORE_FAILED", /out of reach \(ECONNREFUSED\)\. Check AWS_ENDPOINT_URL_S3/),
    );
  });

  test("a host that has no address", async () => {
    const store = await openAt("http://no-such-host.invalid");
    await expect(store.put("a", "x")).rejects.toEqual(
      failure("STORE_FAILED", /out of reach \((ENOTFOUND|EAI_AGAIN)\)/),
    );
  });

  test("a server that is no store", async () => {
    const html = "<!doctype html><title>It works</title><p>&nbsp;";
    const store = await failing({
      status: 404,
      body: html,
      headers: { "content-type": "text/html" },
    });
    await expect(store.put("a", "x")).rejects.toEqual(
      failure("STORE_FAILED", /Check that the endpoint is a store with an S3 interface/),
    );
  });

  test("a server that has no conditional writes", async () => {
    const store = await failing({ status: 501, code: "NotImplemented" });
    await expect(probeStore(store)).rejects.toEqual(
      failure("CONFIG_INVALID", /NotImplemented.*Use a store that has conditional writes/),
    );
  });

  test.each([
    [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      /certificate of the server is not trusted.*NODE_EXTRA_CA_CERTS/,
    ],
    ["EPROTO", /does not speak TLS.*http:\/\//],
  ])("the code %s", (code, message) => {
    const thrown = Object.assign(new Error(code), { code });
    const asked = { verb: "read", key: "a", permission: "s3:GetObject" };
    expect(asStoreError("s3://runs/first", asked, thrown)).toEqual(
      failure("STORE_FAILED", message),
    );
  });

  test("a full disk of this machine is no failure of the store", () => {
    const full = Object.assign(new Error("ENOSPC: no space left, write"), { code: "ENOSPC" });
    const asked = { verb: "read", key: "a", permission: "s3:GetObject" };
    expect(asStoreError("s3://runs/first", asked, full)).toEqual(
      failure("OUTPUT_FAILED", /ENOSPC.*Free some space/),
    );
    const known = new FlowError("INTERRUPTED", "stopped");
    expect(asStoreError("s3://runs/first", asked, known)).toBe(known);
  });
});

describe("a store tries again", () => {
  test.each([
    { status: 503, code: "SlowDown" },
    { status: 500, code: "InternalError" },
    { status: 429, code: "TooManyRequests" },
    { status: 409, code: "ConditionalRequestConflict" },
    { status: 400, code: "RequestTimeout" },
    { status: 502, body: "<html>bad gateway</html>" },
  ])("after %j", async (reply) => {
    const more = [reply, reply, reply] as const;
    const { url } = await startScriptedS3(...more, { status: 200 });
    const store = await openAt(url, [1, 1, 1]);
    expect(await store.putIfAbsent("a", "x")).toBe(true);
  });

  test("until its pauses are spent, and says so", async () => {
    const { url, asked } = await startScriptedS3({ status: 503, code: "SlowDown" });
    const store = await openAt(url, [1]);
    await expect(store.put("a", "x")).rejects.toEqual(
      failure("STORE_FAILED", /failed again and again \(SlowDown 503.*run the same command again/),
    );
    expect(asked.length).toBeGreaterThan(3); // the SDK gives up after three
  });

  test("nothing that does not pass", async () => {
    const { url, asked } = await startScriptedS3({ status: 403, code: "AccessDenied" });
    await expect((await openAt(url)).put("a", "x")).rejects.toThrow(FlowError);
    expect(asked).toEqual(["PUT /runs/first/a?x-id=PutObject"]);
  });

  test("credentials that expire in the middle are told at once", async () => {
    const { url, asked } = await startScriptedS3(
      { status: 200 },
      { status: 400, code: "ExpiredToken" },
    );
    const store = await openAt(url);
    await store.put("a", "x");
    await expect(store.put("b", "x")).rejects.toEqual(
      failure("STORE_FAILED", /could not write b: the credentials have expired/),
    );
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  test("where a small file comes broken off", async () => {
    const headers = { "content-length": "10", connection: "close" };
    const { url } = await startScriptedS3(
      { status: 200, body: "half", headers },
      { status: 200, body: "whole text", headers },
    );
    const store = await openAt(url);
    expect(textOf(await store.get("a"))).toBe("whole text");
  });

  test("where the file that was in the way is gone", async () => {
    const { url } = await startScriptedS3(
      { status: 412, code: "PreconditionFailed" },
      { status: 404, code: "NoSuchKey" },
      { status: 200 },
    );
    expect(await (await openAt(url)).putIfAbsent("a", "x")).toBe(true);
  });
});
