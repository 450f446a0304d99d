import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBaseModel } from "../../../src/finetune/base/open-base-model.ts";
import {
  chatModelPresets,
  describeChatModels,
  isChatModel,
} from "../../../src/finetune/fetch/chat-model-presets.ts";
import {
  fetchChatModel,
  type FetchChatModel,
} from "../../../src/finetune/fetch/fetch-chat-model.ts";
import { tinyConfig, tinyTensors, writeTinyFolder, writeTinyGguf } from "../base/tiny-model.ts";
import { encodeSafetensors } from "../../../src/optim/safetensors.ts";

/** A hub on this machine; tests change what it has. */
const hub = {
  /** Files by repository. */
  repositories: new Map<string, Map<string, Buffer>>(),
  /** Requests for files, with the range asked for. */
  asked: [] as string[],
  /** Bytes after which the next answer of a file of weights ends. */
  cutAfter: null as number | null,
  /** Ends the connection that is to be cut, at the second report of what came. */
  cut: null as { calls: number; readonly end: () => void } | null,
};
const revision = "0123456789abcdef";
const small = "HuggingFaceTB/SmolLM2-135M-Instruct";
const smallGguf = "bartowski/SmolLM2-135M-Instruct-GGUF";
let server: Server;
let endpoint: string;
let root: string;
let dir: string;

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "r4ec-models-"));
  server = createServer((request, response) => {
    const [, list, id = "", file = ""] =
      /^\/(api\/models\/)?([\w.-]+\/[\w.-]+)\/(?:resolve\/0123456789abcdef\/|revision\/main)([^?]*)/.exec(
        request.url ?? "",
      ) ?? [];
    const files = hub.repositories.get(id);
    if (files === undefined) response.writeHead(404).end();
    else if (list !== undefined) {
      const siblings = [...files].map(([rfilename, content]) => ({
        ...{ rfilename, size: content.length, blobId: "0".repeat(40) },
        lfs: { sha256: sha256(content), size: content.length },
      }));
      response.end(JSON.stringify({ sha: revision, siblings }));
    } else {
      const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
      hub.asked.push(`${file} ${request.headers.range ?? ""}`.trim());
      const body = files.get(file)?.subarray(Number(range?.[1] ?? 0)) ?? Buffer.alloc(0);
      response.writeHead(range ? 206 : 200, { "content-length": body.length });
      if (hub.cutAfter === null || !/safetensors$|gguf$/.test(file)) response.end(body);
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
  hub.asked = [];
  hub.cutAfter = null;
  hub.cut = null;
  const folder = await writeTinyFolder(path.join(root, "source"), "llama");
  const gguf = await writeTinyGguf(path.join(root, "source.gguf"), "llama");
  const files = await Promise.all(
    (await readdir(folder)).map(
      async (name) => [name, await readFile(path.join(folder, name))] as const,
    ),
  );
  hub.repositories = new Map([
    [small, new Map([...files, ["README.md", Buffer.from("read me")]])],
    [
      smallGguf,
      new Map([
        ["SmolLM2-135M-Instruct-Q4_K_M.gguf", Buffer.from("another")],
        ["SmolLM2-135M-Instruct-Q8_0.gguf", await readFile(gguf)],
      ]),
    ],
  ]);
});

const fetchIt = (options: Partial<FetchChatModel> = {}): Promise<string> =>
  fetchChatModel({
    ...{ name: "smollm2-135m", form: "safetensors", dir, hub: { endpoint, fetch } },
    ...{ retryDelaysMs: [], signal: new AbortController().signal },
    onProgress: () => {
      if (hub.cut !== null && ++hub.cut.calls === 2) hub.cut.end();
    },
    ...options,
  });
const filesOf = (id: string): Map<string, Buffer> =>
  hub.repositories.get(id) ?? new Map<string, Buffer>();

describe("fetchChatModel", () => {
  test("gets a folder that opens as a base model, and keeps it", async () => {
    const progress: [number, number][] = [];
    const folder = await fetchIt({ onProgress: (...now) => progress.push(now) });
    expect(folder).toBe(path.join(dir, "smollm2-135m"));
    expect(await readdir(folder)).toEqual([
      ...["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"],
    ]);
    const bytes = [...filesOf(small).values()].reduce((sum, { length }) => sum + length, -7);
    expect(progress.at(-1)).toEqual([bytes, bytes]);
    const { config, weights } = await openBaseModel(folder);
    await weights.close();
    expect(config.architecture).toBe("llama");
    hub.asked = [];
    expect(await fetchIt()).toBe(folder);
    expect(hub.asked).toEqual([]);
  });

  test("gets the 8-bit file of a repository of GGUF files, and gives its path", async () => {
    const file = await fetchIt({ form: "gguf" });
    expect(file).toBe(path.join(dir, "smollm2-135m-gguf", "SmolLM2-135M-Instruct-Q8_0.gguf"));
    expect(hub.asked).toEqual(["SmolLM2-135M-Instruct-Q8_0.gguf"]);
    await (await openBaseModel(file)).weights.close();
    hub.asked = [];
    expect(await fetchIt({ form: "gguf" })).toBe(file);
    expect(hub.asked).toEqual([]);
  });

  test("gets all shards that the index names, of any repository", async () => {
    const files = filesOf(small);
    const tensors = tinyTensors("llama");
    const shards = [tensors.slice(0, 5), tensors.slice(5)];
    files.delete("model.safetensors");
    const weight_map: Record<string, string> = {};
    for (const [place, shard] of shards.entries()) {
      const name = `model-0000${place + 1}-of-00002.safetensors`;
      files.set(name, Buffer.from(encodeSafetensors({ tensors: shard, metadata: {} })));
      for (const tensor of shard) weight_map[tensor.name] = name;
    }
    files.set("model.safetensors.index.json", Buffer.from(JSON.stringify({ weight_map })));
    hub.repositories.set("owner/Sharded", files);
    const folder = await fetchIt({ name: "owner/Sharded" });
    expect(folder).toBe(path.join(dir, "owner--Sharded"));
    const names = await readdir(folder);
    expect(names).toContain("model-00001-of-00002.safetensors");
    expect(names).toContain("model-00002-of-00002.safetensors");

    files.delete("model-00002-of-00002.safetensors");
    await expect(fetchIt({ name: "owner/Sharded", dir: path.join(dir, "b") })).rejects.toThrow(
      /the repository has no model-00002-of-00002\.safetensors/,
    );
  });

  test("goes on where it was cut off, in the same call or in the next", async () => {
    hub.cutAfter = 100;
    await fetchIt({ retryDelaysMs: [0] });
    expect(hub.asked.slice(-2)).toEqual(["model.safetensors", "model.safetensors bytes=100-"]);
    hub.cutAfter = 70;
    await expect(fetchIt({ form: "gguf" })).rejects.toMatchObject({ code: "PROVIDER_FAILED" });
    expect(await readdir(dir)).toEqual([
      "smollm2-135m",
      `smollm2-135m-gguf.${revision.slice(0, 12)}.partial`,
    ]);
    hub.asked = [];
    await fetchIt({ form: "gguf" });
    expect(hub.asked).toEqual(["SmolLM2-135M-Instruct-Q8_0.gguf bytes=70-"]);
    expect(await readdir(dir)).toEqual(["smollm2-135m", "smollm2-135m-gguf"]);
  });

  test("refuses an architecture that cannot be fine-tuned before the weights come", async () => {
    filesOf(small).set(
      "config.json",
      Buffer.from(JSON.stringify(tinyConfig("llama", { model_type: "gemma" }))),
    );
    await expect(fetchIt()).rejects.toThrow(/model_type is gemma; only llama, qwen2, qwen3/);
    expect(hub.asked).not.toContain("model.safetensors");
  });

  test("refuses a model that is not whole, and leaves nothing in its place", async () => {
    const tensors = tinyTensors("llama").slice(1);
    filesOf(small).set(
      "model.safetensors",
      Buffer.from(encodeSafetensors({ tensors, metadata: {} })),
    );
    await expect(fetchIt()).rejects.toThrow(/there is no tensor "model\.embed_tokens\.weight"/);
    expect(await readdir(dir)).toEqual([`smollm2-135m.${revision.slice(0, 12)}.partial`]);
  });

  test.each([["config.json"], ["tokenizer.json"], ["model.safetensors"]])(
    "refuses a repository without %s",
    async (file) => {
      filesOf(small).delete(file);
      await expect(fetchIt()).rejects.toThrow(
        expect.objectContaining({
          code: "INPUT_INVALID",
          message: expect.stringContaining(`the repository has no ${file}`) as string,
        }),
      );
    },
  );

  test("refuses a repository without one file of 8-bit weights", async () => {
    const files = filesOf(smallGguf);
    files.set("other-q8_0.gguf", Buffer.from("x"));
    await expect(fetchIt({ form: "gguf" })).rejects.toThrow(/has several files of 8-bit weights/);
    files.clear();
    await expect(fetchIt({ form: "gguf" })).rejects.toThrow(/has no file of 8-bit weights/);
  });

  test("refuses what lies in the way, and what is no repository", async () => {
    const place = path.join(dir, "smollm2-135m");
    await writeTinyFolder(place, "llama");
    await rm(path.join(place, "config.json"));
    await expect(fetchIt()).rejects.toThrow(
      `${place} is in the way: it holds model.safetensors, tokenizer.json, tokenizer_config.json, and is not a complete language model`,
    );
    await expect(fetchIt({ name: "smollm" })).rejects.toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringMatching(
          /"smollm" is neither a known language model \(smollm2-135m, /,
        ) as string,
      }),
    );
  });

  test.each([
    ["safetensors", /put them into .*smollm2-135m:\n {2}config\.json, tokenizer\.json/],
    [
      "gguf",
      /bartowski\/SmolLM2-135M-Instruct-GGUF.*\n {2}the file whose name ends with Q8_0\.gguf/,
    ],
  ] as const)("says what to do by hand where there is no network: %s", async (form, message) => {
    const nowhere = { endpoint: "http://127.0.0.1:1", fetch };
    await expect(fetchIt({ form, hub: nowhere })).rejects.toThrow(message);
  });
});

test("describeChatModels has a line for each known model with its sizes", () => {
  const lines = describeChatModels().split("\n");
  expect(lines.map((line) => line.trim().split(" ")[0])).toEqual(Object.keys(chatModelPresets));
  expect(lines[0]).toBe("  smollm2-135m  271 MB as safetensors, 145 MB as gguf (Apache-2.0)");
  expect(lines[3]).toContain("3.1 GB as safetensors, 1.9 GB as gguf");
  expect([isChatModel("qwen3-0.6b"), isChatModel("toString")]).toEqual([true, false]);
});
