import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { openS3Store } from "../../../../src/flow/store/s3/open-s3-store.ts";
import { scratchFolder } from "../../../util/scratch-folder.ts";
import { failure } from "../contract.ts";

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const mark = "x-amz-meta-r4ec-upload";

/**
 * Uploads a file in pieces to a server that says that the upload has ended already.
 *
 * @param markOf - What the object that is there is marked with, given the mark of this upload; null for no object
 */
async function uploadEnded(markOf: (own: string) => string | null): Promise<readonly string[]> {
  const asked: string[] = [];
  let own = "";
  const server = createServer((incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    incoming.resume().on("end", () => {
      const step = `${method} ${/uploadId/.test(url) ? "piece or end" : "object"}`;
      asked.push(step);
      if (step === "POST object") {
        own = String(headers[mark]);
        const id = "<UploadId>1</UploadId>";
        response.end(`<InitiateMultipartUploadResult>${id}</InitiateMultipartUploadResult>`);
      } else if (step === "PUT piece or end") {
        response.writeHead(200, { etag: '"1"' }).end();
      } else if (step === "HEAD object") {
        const found = markOf(own);
        response
          .writeHead(found === null ? 404 : 200, found === null ? {} : { [mark]: found })
          .end();
      } else if (step === "POST piece or end") {
        response.writeHead(404).end("<Error><Code>NoSuchUpload</Code></Error>");
      } else response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // of a server that listens on TCP
  const endpoint = `http://127.0.0.1:${port}`;
  const store = await openS3Store("s3://runs/first", { endpoint, region: "r", waits: [1] });
  onTestFinished(async () => {
    await store.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const path = join(await scratchFolder(), "up");
  await writeFile(path, Buffer.alloc(16 * 1024 * 1024));
  await store.upload("a", path);
  return asked;
}

test("an upload whose end was done, though the reply was lost, has succeeded", async () => {
  expect(await uploadEnded((own) => own)).toEqual([
    ...["POST object", "PUT piece or end", "POST piece or end", "HEAD object"],
  ]);
});

test.each([null, "another"])("an upload that somebody else ended has failed: %s", async (found) => {
  await expect(uploadEnded(() => found)).rejects.toEqual(
    failure("STORE_FAILED", /could not write a: the pieces .* are gone.*aborts incomplete uploads/),
  );
});
