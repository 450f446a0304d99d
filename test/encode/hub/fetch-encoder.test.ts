import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openEncoder } from "../../../src/encode/model/encoder.ts";
import { fetchEncoder, type FetchOptions } from "../../../src/encode/hub/fetch-encoder.ts";
import { writeTransformer } from "../transformers/write-encoder.ts";

/** A hub on this machine; tests change what it does. */
const hub = {
  files: new Map<string, Buffer>(),
  /** Requests for files, with the range asked for. */
  asked: [] as string[],
  /** Bytes after which the connection of the next request for a file ends; null: it does not. */
  cutAfter: null as number | null,
  /** Ends the connection that is to be cut, once the client has what was sent: it reports where it begins, then what came. */
  cut: null as { calls: number; readonly end: () => void } | null,
  ignoresRanges: false,
  /** What the API says of a file instead of the truth. */
  claims: new Map<string, { readonly size?: number; readonly sha256?: string }>(),
  status: 200,
  revision: "0123456789abcdef",
  /** Files of which only the beginning comes, and then nothing; "api": the list. */
  silent: null as string | null,
};
const data = "onnx/model.onnx_data";
let server: Server;
let endpoint: string;
let root: string;
let dir: string;
let source: string;

const hash = (kind: "sha1" | "sha256", ...parts: readonly (Buffer | string)[]): string =>
  parts.reduce((made, part) => made.update(part), createHash(kind)).digest("hex");

function siblings(): readonly object[] {
  return [...hub.files].map(([file, content]) => {
    const { size = content.length, sha256 = hash("sha256", content) } = hub.claims.get(file) ?? {};
    const blobId = hash("sha1", `blob ${content.length}\0`, content);
    return { rfilename: file, size, blobId, ...(file === data && { lfs: { sha256, size } }) };
  });
}

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "r4ec-fetch-"));
  source = path.join(root, "source");
  await writeTransformer(source, {
    architecture: "xlm-roberta",
    outputs: ["dense_vecs"],
    ...{ dataFile: "model.onnx_data", subFolder: "onnx" },
  });
  server = createServer((request, response) => {
    const [, api, file] =
      /^\/(?:(api)\/models\/)?BAAI\/bge-m3\/(?:resolve\/0123456789abcdef|revision)\/([^?]+)/.exec(
        request.url ?? "",
      ) ?? [];
    if (hub.status !== 200) response.writeHead(hub.status).end();
    else if (api !== undefined) {
      const list = JSON.stringify({ sha: hub.revision, siblings: siblings() });
      if (hub.silent === "api") response.write(list.slice(0, 10));
      else response.end(list);
    } else {
      const content = hub.files.get(file ?? "");
      const range = hub.ignoresRanges
        ? undefined
        : /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
      hub.asked.push(`${file ?? ""} ${request.headers.range ?? ""}`.trim());
      if (content === undefined) {
        response.writeHead(404).end();
        return;
      }
      const body = content.subarray(Number(range?.[1] ?? 0));
      response.writeHead(range ? 206 : 200, { "content-length": body.length });
      if (hub.silent === file) response.write(body.subarray(0, 10));
      else if (hub.cutAfter === null || file !== data) response.end(body);
      else {
        response.write(body.subarray(0, hub.cutAfter));
        hub.cutAfter = null;
        hub.cut = { calls: 0, end: () => response.destroy() };
      }
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(root, { recursive: true, force: true });
});

beforeEach(async () => {
  dir = await mkdtemp(path.join(root, "cache-"));
  hub.files = new Map();
  for (const file of ["config.json", "tokenizer.json", "onnx/model.onnx", data]) {
    hub.files.set(file, await readFile(path.join(source, file)));
  }
  hub.files.set("pytorch_model.bin", Buffer.alloc(10));
});

afterEach(() => {
  hub.asked = [];
  hub.cutAfter = null;
  hub.cut = null;
  hub.ignoresRanges = false;
  hub.claims = new Map();
  hub.status = 200;
  hub.revision = "0123456789abcdef";
  hub.silent = null;
});

const fetchIt = (options: Partial<FetchOptions> = {}): Promise<string> =>
  fetchEncoder({
    ...{ name: "bge-m3", dir, hub: { endpoint, fetch }, retryDelaysMs: [] },
    signal: new AbortController().signal,
    onProgress: () => {
      if (hub.cut !== null && ++hub.cut.calls === 2) hub.cut.end();
    },
    ...options,
  });

describe("fetchEncoder", () => {
  test("gets what an encoder needs and no more; it opens by its name", async () => {
    const progress: [number, number][] = [];
    const folder = await fetchIt({ onProgress: (...now) => progress.push(now) });
    expect(folder).toBe(path.join(dir, "bge-m3"));
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(
      ["config.json", "onnx", "onnx/model.onnx", "onnx/model.onnx_data", "tokenizer.json"].map(
        (file) => path.normalize(file),
      ),
    );
    const bytes = [...hub.files.values()].reduce((sum, { length }) => sum + length, -10);
    expect(progress.at(-1)).toEqual([bytes, bytes]);
    const encoder = await openEncoder({ folder, threads: 1 });
    expect((await encoder.encode(["film"])).vectors.length).toBe(12);
    await encoder.close();
    hub.asked = [];
    expect(await fetchIt()).toBe(folder);
    expect(hub.asked).toEqual([]);
  });

  test("refuses to take over what lies in the encoder's place, before the hub is asked", async () => {
    const place = path.join(dir, "bge-m3");
    await mkdir(place);
    await writeFile(path.join(place, "thesis.txt"), "mine");
    hub.status = 500;
    await expect(fetchIt()).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    await expect(fetchIt()).rejects.toThrow(`${place} is in the way: it holds thesis.txt`);
    expect(await readdir(dir, { recursive: true })).toEqual(["bge-m3", "bge-m3/thesis.txt"]);
  });

  test("refuses to take over what came into its place meanwhile", async () => {
    const place = path.join(dir, "bge-m3");
    const busy: typeof fetch = async (...given) => {
      await mkdir(place, { recursive: true });
      await writeFile(path.join(place, "thesis.txt"), "mine");
      return fetch(...given);
    };
    await expect(fetchIt({ hub: { endpoint, fetch: busy } })).rejects.toThrow(
      `${place} is in the way: it holds thesis.txt`,
    );
    expect(await readdir(place)).toEqual(["thesis.txt"]);
  });

  test("keeps the encoder of another process that was faster", async () => {
    const folder = await fetchIt({
      onProgress: () => undefined,
      hub: {
        endpoint,
        fetch: async (url, init) => {
          const isList = (url instanceof Request ? url.url : String(url)).includes("/api/");
          if (isList) {
            await writeTransformer(path.join(dir, "bge-m3"), {
              architecture: "bert",
              outputs: ["last_hidden_state"],
            });
          }
          return fetch(url, init);
        },
      },
    });
    expect(await readdir(folder)).not.toContain("onnx"); // the downloaded one has its model there
    expect(await readdir(dir)).toEqual(["bge-m3"]);
  });

  test("neither fills nor deletes a folder with a download's name that is somebody else's", async () => {
    const other = path.join(dir, "bge-m3.0123456789ab.partial");
    await mkdir(other);
    await writeFile(path.join(other, "config.json"), "mine");
    await expect(fetchIt()).rejects.toThrow(`${other} is in the way: it holds config.json`);
    expect(hub.asked).toEqual([]);
    const older = path.join(dir, "bge-m3.ffff.partial");
    await rename(other, older);
    await fetchIt();
    expect(await readFile(path.join(older, "config.json"), "utf8")).toBe("mine");
  });

  test("goes on where it was cut off, in the same call or in the next", async () => {
    hub.cutAfter = 1000;
    await fetchIt({ retryDelaysMs: [0] });
    expect(hub.asked.slice(3)).toEqual([data, `${data} bytes=1000-`]);

    dir = path.join(root, "second");
    hub.asked = [];
    hub.cutAfter = 700;
    await expect(fetchIt()).rejects.toMatchObject({ code: "PROVIDER_FAILED" });
    expect(await readdir(dir)).toEqual(["bge-m3.0123456789ab.partial"]);
    hub.asked = [];
    const folder = await fetchIt();
    expect(hub.asked).toEqual([`${data} bytes=700-`]); // the others are there
    expect(await readdir(dir)).toEqual(["bge-m3"]);
    const whole = hub.files.get(data);
    expect((await readFile(path.join(folder, data))).equals(whole ?? Buffer.alloc(0))).toBe(true);
  });

  test("begins a file anew where the server gives no parts of it", async () => {
    hub.ignoresRanges = true;
    hub.cutAfter = 1000;
    const folder = await fetchIt({ retryDelaysMs: [0] });
    expect((await stat(path.join(folder, data))).size).toBe(hub.files.get(data)?.length);
  });

  test.each([
    [{ sha256: "0".repeat(64) }, /what came has the hash [0-9a-f]{64}, the repository says 0{64}/],
    [{ size: 100 }, /what came has \d+ bytes, the repository says 100/],
    [{ size: 99_999 }, /ended after \d+ of 99999 bytes/],
  ])("refuses a file that is not what the hub says: %j", async (claim, message) => {
    hub.claims.set(data, claim);
    await expect(fetchIt()).rejects.toThrow(message);
    await expect(stat(path.join(dir, "bge-m3"))).rejects.toThrow("ENOENT");
  });

  test("removes a file with a wrong hash, so that it is fetched again", async () => {
    hub.claims.set(data, { sha256: "0".repeat(64) });
    await expect(fetchIt()).rejects.toMatchObject({ code: "PROVIDER_FAILED" });
    hub.claims.clear();
    hub.asked = [];
    await fetchIt();
    expect(hub.asked).toEqual([data]);
  });

  test.each([
    [401, "PROVIDER_FAILED", /status 401; .* HF_TOKEN/],
    [404, "PROVIDER_FAILED", /status 404; there is no such repository/],
    [
      503,
      "PROVIDER_FAILED",
      /status 503\nWithout a network, download these files of https.*BAAI\/bge-m3/,
    ],
  ])("explains the hub's status %i", async (status, code, message) => {
    hub.status = status;
    await expect(fetchIt()).rejects.toMatchObject({ code });
    await expect(fetchIt()).rejects.toThrow(message);
  });

  test("says what to do by hand where there is no network", async () => {
    const failed = fetchIt({ hub: { endpoint: "http://127.0.0.1:1", fetch } });
    await expect(failed).rejects.toThrow(/no connection/);
    await expect(failed).rejects.toThrow(`put them into ${path.join(dir, "bge-m3")}`);
  });

  test("says how to export a model that the hub does not have in ONNX, or not as an encoder", async () => {
    const model = hub.files.get("onnx/model.onnx") ?? Buffer.alloc(0);
    hub.files.delete("onnx/model.onnx");
    await expect(fetchIt()).rejects.toThrow(
      /BAAI\/bge-m3 has no ONNX model.*\n.*\n +optimum-cli export onnx --model BAAI\/bge-m3/,
    );
    const other = path.join(root, "other");
    await mkdir(other, { recursive: true });
    await writeTransformer(other, { architecture: "bert", outputs: ["pooler_output"] });
    hub.files.set("model.onnx", await readFile(path.join(other, "model.onnx")));
    await expect(fetchIt()).rejects.toThrow(/gives pooler_output and no vectors of tokens/);
    hub.files.set("onnx/model.onnx", model);
    hub.files.delete("model.onnx");
    hub.files.delete(data);
    await expect(fetchIt()).rejects.toThrow(
      /model\.onnx_data: the model's weights are in this file/,
    );
  });

  test("refuses what is no repository", async () => {
    await writeFile(path.join(dir, "x"), "");
    await expect(fetchIt({ name: "bge" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("gets the modules of sentence-transformers, and refuses one that is not supported before the weights come", async () => {
    const modules = (last: string): Buffer =>
      Buffer.from(
        JSON.stringify(
          ["Transformer", "Pooling", last].map((kind, place) => ({
            path: place === 0 ? "" : `${place}_${kind}`,
            type: `sentence_transformers.models.${kind}`,
          })),
        ),
      );
    hub.files.set("modules.json", modules("Normalize"));
    hub.files.set("1_Pooling/config.json", Buffer.from('{"pooling_mode":"mean"}'));
    hub.files.set("2_Dense/model.safetensors", Buffer.from("weights"));
    hub.files.set("config_sentence_transformers.json", Buffer.from("{}"));
    hub.files.set("2_Dense/pytorch_model.bin", Buffer.from("weights"));
    const files = await readdir(await fetchIt(), { recursive: true });
    expect(files).toContain(path.normalize("2_Dense/model.safetensors"));
    expect(files).toContain("config_sentence_transformers.json");
    expect(files).not.toContain(path.normalize("2_Dense/pytorch_model.bin"));

    dir = path.join(root, "lstm");
    hub.asked = [];
    const other = path.join(root, "tokens");
    await writeTransformer(other, { architecture: "bert", outputs: ["last_hidden_state"] });
    hub.files.set("onnx/model.onnx", await readFile(path.join(other, "model.onnx")));
    hub.files.set("modules.json", modules("LSTM"));
    await expect(fetchIt()).rejects.toThrow(/the module sentence_transformers\.models\.LSTM/);
    expect(hub.asked).not.toContain(data);
  });
});

describe("a hub that is not to be trusted", () => {
  test.each([
    "../../../outside",
    "0123456/../../..",
    "0123456789abcdef?x",
    "0123456\0",
    "main",
    "C:0123456",
    "0".repeat(65),
  ])("a revision that is no commit is refused, and nothing is written: %j", async (revision) => {
    hub.revision = revision;
    await expect(fetchIt()).rejects.toMatchObject({ code: "PROVIDER_FAILED" });
    await expect(fetchIt()).rejects.toThrow(/not what a hub answers \(sha: /);
    expect(await readdir(dir)).toEqual([]);
    expect(hub.asked).toEqual([]);
  });

  test.each(["../model.onnx", "onnx/../../x", "/etc/x", "a\\b", "a\0b", "c:x", "a//b", "./a"])(
    "a file outside the repository is refused: %j",
    async (file) => {
      hub.files.set(file, Buffer.from("x"));
      await expect(fetchIt()).rejects.toThrow(/not what a hub answers \(siblings\.\d+\.rfilename/);
      expect(await readdir(dir)).toEqual([]);
    },
  );

  test.each([
    "..",
    "../..",
    "a/..",
    "./a",
    ".a/b",
    "a/b/c",
    "a\\b/c",
    "a/b?c",
    "a/b#",
    "-a/b",
    "a/\0",
  ])("a name that is no repository is refused before anybody is asked: %j", async (name) => {
    let calls = 0;
    const counted: typeof fetch = (...given) => {
      calls += 1;
      return fetch(...given);
    };
    const fetched = fetchIt({ name, hub: { endpoint, fetch: counted } });
    await expect(fetched).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(calls).toBe(0);
  });

  test.each([["api"], ["config.json"], [data]])(
    "one that falls silent is given up: %s",
    async (file) => {
      hub.silent = file;
      const fetched = fetchIt({ hub: { endpoint, fetch, silenceMs: 50 } });
      await expect(fetched).rejects.toMatchObject({ code: "PROVIDER_FAILED" });
      await expect(fetched).rejects.toThrow(/: nothing came for 0\.05 s/);
    },
  );

  test("one that never answers is given up", async () => {
    const silent: typeof fetch = (_url, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener("abort", () => {
          reject(new Error("aborted"));
        });
      });
    await expect(fetchIt({ hub: { endpoint, fetch: silent, silenceMs: 20 } })).rejects.toThrow(
      /nothing came for 0\.02 s/,
    );
  });

  test("a list without an end is not read to its end", async () => {
    const endless: typeof fetch = () =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            pull: (controller) => {
              controller.enqueue(new Uint8Array(1 << 22).fill(0x20));
            },
          }),
        ),
      );
    await expect(fetchIt({ hub: { endpoint, fetch: endless } })).rejects.toThrow(
      /not what a hub answers/,
    );
  });
});
