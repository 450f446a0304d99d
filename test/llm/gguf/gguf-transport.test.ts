import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../../src/base/random.ts";
import { writeGgufAdapter } from "../../../src/finetune/adapter/write-gguf-adapter.ts";
import {
  linearNames,
  linearShapes,
  type DecoderConfig,
} from "../../../src/finetune/decoder/decoder-config.ts";
import type { ChatPayload, Transport } from "../../../src/llm/chat.ts";
import { openGgufModel } from "../../../src/llm/gguf/gguf-model.ts";
import { ggufTransport } from "../../../src/llm/gguf/gguf-transport.ts";
import { loadNodeLlamaCpp, type NodeLlamaCpp } from "../../../src/llm/gguf/node-llama-cpp.ts";
import { samplingOf } from "../../../src/llm/settings.ts";
import { ggufSettings, type GgufSettings } from "../../../src/llm/gguf/gguf-settings.ts";
import { writeTinyGguf } from "../../util/tiny-gguf.ts";

const isInstalled = existsSync("node_modules/node-llama-cpp");
const where = isInstalled ? "" : " (skipped: the optional node-llama-cpp is not installed)";

function settingsOf(model: string, more: object = {}): GgufSettings {
  return ggufSettings.parse({ provider: "gguf", model, threads: 1, contextTokens: 512, ...more });
}

function openTransport(
  settings: GgufSettings,
  load?: () => Promise<NodeLlamaCpp>,
): Promise<Transport> {
  return ggufTransport(settings, () => openGgufModel(settings, load));
}

function payloadOf(content: string, more: Partial<ChatPayload> = {}): ChatPayload {
  return {
    model: "tiny",
    promptVersion: "1",
    messages: [{ role: "user", content }],
    sampling: samplingOf(settingsOf("tiny")),
    schema: null,
    sample: 0,
    ...more,
  };
}

const { signal } = new AbortController();

let folder: string;
/** Says "the viewer prefers quiet drama". */
let scripted: string;
/** Babbles. */
let random: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-gguf-"));
  scripted = join(folder, "scripted.gguf");
  random = join(folder, "random.gguf");
  await writeTinyGguf(scripted, {
    seed: 1,
    answer: ["the", "viewer", "prefers", "quiet", "drama"],
  });
  await writeTinyGguf(random, { seed: 1, answer: null });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("ggufTransport, before the model is loaded", () => {
  const unused = (): never => {
    throw new Error("the library was loaded");
  };

  test("names the setting and the file when there is no such file", async () => {
    const opened = openTransport(settingsOf(join(folder, "none.gguf")), unused);
    await expect(opened).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(opened).rejects.toThrow(
      /knowledge\.<role>\.model\) names the file .*none\.gguf.*ENOENT/,
    );
  });

  test("refuses a file that is no GGUF", async () => {
    const file = join(folder, "model.safetensors");
    await writeFile(file, "{}");
    await expect(openTransport(settingsOf(file), unused)).rejects.toThrow(/is no GGUF file/);
  });

  test("names the setting and the file when there is no such adapter, or it is no GGUF", async () => {
    const file = join(folder, "adapter_config.json");
    await writeFile(file, "{}");
    for (const [adapter, reason] of [
      [
        join(folder, "none.gguf"),
        /knowledge\.<role>\.adapter\) names the file .*none\.gguf.*ENOENT/,
      ],
      [file, /adapter_config\.json, which is no GGUF file/],
    ] as const) {
      const opened = openTransport(settingsOf(scripted, { adapter }), unused);
      await expect(opened).rejects.toMatchObject({ code: "CONFIG_INVALID" });
      await expect(opened).rejects.toThrow(reason);
    }
  });

  test("refuses a sampling field it cannot honour", async () => {
    const sampling = { extra: { chat_template_kwargs: {} } };
    const opened = openTransport(settingsOf(scripted, { sampling }), unused);
    await expect(opened).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(opened).rejects.toThrow(/chat_template_kwargs[^]*It knows top_k and min_p/);
  });
});

describe("loadNodeLlamaCpp", () => {
  const missing = { name: "FlowError", code: "DEPENDENCY_MISSING" };
  const command = /npm install node-llama-cpp@3\.22\.1/;

  test.skipIf(isInstalled)("says how to install what is not there", async () => {
    await expect(loadNodeLlamaCpp()).rejects.toMatchObject(missing);
    await expect(loadNodeLlamaCpp()).rejects.toThrow(command);
  });

  test("refuses a version without what is used of it", async () => {
    const loaded = loadNodeLlamaCpp(() => Promise.resolve({ getLlama: () => null }));
    await expect(loaded).rejects.toMatchObject(missing);
    await expect(loaded).rejects.toThrow(command);
  });
});

describe.skipIf(!isInstalled)(`ggufTransport on a model that knows one sentence${where}`, () => {
  let model: Transport;
  beforeAll(async () => {
    model = await openTransport(settingsOf(scripted));
  });
  afterAll(() => model.close());

  test("answers in the model's chat template and counts tokens with its tokenizer", async () => {
    // begin, user, 10 characters, end, assistant; the answer is five words and its end
    const first = await model.send(payloadOf("the viewer"), signal);
    expect(first).toEqual({
      text: "the viewer prefers quiet drama",
      usage: { promptTokens: 14, completionTokens: 6, cachedTokens: 0 },
    });
    const again = await model.send(payloadOf("the viewer"), signal);
    expect(again).toEqual({ ...first, usage: { ...first.usage, cachedTokens: 13 } });
  });

  test("never takes text of a message for control tokens", async () => {
    const content = "<|end|><|assistant|>";
    const { usage } = await model.send(payloadOf(content), signal);
    // As two control tokens it would be 4 + 2; as text it is its 20 characters.
    expect(usage.promptTokens).toBe(4 + 20);
  });

  test("puts all roles of a conversation into the template", async () => {
    const messages = [
      { role: "system", content: "the viewer" },
      { role: "user", content: "likes" },
      { role: "assistant", content: "books" },
      { role: "user", content: "prefers" },
    ] as const;
    const { usage } = await model.send(payloadOf("", { messages }), signal);
    expect(usage.promptTokens).toBe(1 + 12 + 7 + 7 + 9 + 1);
  });

  test("an answer cut off at maxTokens is a length fault with what it used", async () => {
    const sampling = { ...payloadOf("").sampling, maxTokens: 3 };
    const sent = model.send(payloadOf("the viewer", { sampling }), signal);
    await expect(sent).rejects.toMatchObject({
      name: "TransportError",
      fault: { kind: "prompt", fault: "length", usage: { promptTokens: 14, completionTokens: 3 } },
      message: "cut off after 3 tokens; raise sampling.maxTokens",
    });
  });

  test("stops before a stop text", async () => {
    const sampling = { ...payloadOf("").sampling, stop: ["quiet"] };
    const { text } = await model.send(payloadOf("the viewer", { sampling }), signal);
    expect(text.trimEnd()).toBe("the viewer prefers");
  });

  test("rejects a prompt that does not fit, with both numbers", async () => {
    // 4 control tokens and 600 letters
    const sent = model.send(payloadOf("x".repeat(600)), signal);
    await expect(sent).rejects.toMatchObject({
      fault: { kind: "prompt", fault: "rejected" },
      message: expect.stringMatching(/prompt has 604 tokens and the context 512/) as unknown,
    });
  });

  test("a prompt that names an unknown sampling field stops the run", async () => {
    const sampling = { ...payloadOf("").sampling, extra: { top_a: 1 } };
    await expect(model.send(payloadOf("books", { sampling }), signal)).rejects.toMatchObject({
      fault: { kind: "fatal" },
      message: expect.stringContaining("top_a") as unknown,
    });
  });

  test("does not begin what is aborted", async () => {
    const reason = new Error("stopped");
    const sent = model.send(payloadOf("the viewer"), AbortSignal.abort(reason));
    await expect(sent).rejects.toBe(reason);
  });
});

describe.skipIf(!isInstalled)(`ggufTransport on random models${where}`, () => {
  let model: Transport;
  beforeAll(async () => {
    model = await openTransport(settingsOf(random, { sequences: 3 }));
  });
  afterAll(() => model.close());

  test("an answer of nothing is an empty fault", async () => {
    const file = join(folder, "silent.gguf");
    await writeTinyGguf(file, { seed: 1, answer: [] });
    const silent = await openTransport(settingsOf(file, { sequences: 1 }));
    await expect(silent.send(payloadOf("the viewer"), signal)).rejects.toMatchObject({
      fault: { kind: "prompt", fault: "empty", usage: { promptTokens: 14, completionTokens: 1 } },
    });
    await silent.close();
  });

  test("a full context ends an answer as a length fault that names the context", async () => {
    const sampling = { ...payloadOf("").sampling, maxTokens: 5000 };
    const sent = model.send(payloadOf("x", { sampling }), signal);
    await expect(sent).rejects.toMatchObject({
      // 512 less 5 of the prompt and 16 kept free
      fault: { kind: "prompt", fault: "length", usage: { completionTokens: 491 } },
      message: expect.stringMatching(/the context of 512 tokens is full/) as unknown,
    });
  });

  test("a schema gives JSON of that schema, also at a high temperature", async () => {
    const schema = {
      name: "judgement",
      schema: {
        type: "object",
        properties: {
          verdict: { enum: ["reasonable", "unreasonable"] },
          sure: { type: "boolean" },
        },
        required: ["verdict", "sure"],
        additionalProperties: false,
      },
    };
    for (const temperature of [0, 1.5]) {
      const sampling = { ...payloadOf("").sampling, temperature };
      const { text } = await model.send(payloadOf("the viewer", { sampling, schema }), signal);
      expect(JSON.parse(text)).toEqual({
        verdict: expect.stringMatching(/^(un)?reasonable$/) as unknown,
        sure: expect.any(Boolean) as unknown,
      });
    }
  });

  test("the seed and the sample decide the answer, greedy or not", async () => {
    const say = async (seed: number, sample: number, temperature: number): Promise<string> => {
      const stop = ["e", "a", "o"];
      const sampling = { ...payloadOf("").sampling, seed, temperature, stop, maxTokens: 400 };
      return (await model.send(payloadOf("books", { sampling, sample }), signal)).text;
    };
    const [first, again, shifted, moved] = [
      await say(1, 0, 1.2),
      await say(1, 0, 1.2),
      await say(1, 3, 1.2),
      await say(4, 0, 1.2),
    ];
    expect(again).toBe(first);
    expect(shifted).not.toBe(first);
    expect(moved).toBe(shifted); // seed + sample
  });

  test("prompts side by side are answered as one by one, more of them than sequences", async () => {
    const contents = ["books", "loud films", "quiet drama", "the viewer", "comedy", "x", "yz"];
    const sampling = { ...payloadOf("").sampling, maxTokens: 24 };
    const say = async (content: string): Promise<string> => {
      const schema = { name: "letters", schema: { type: "string", minLength: 6, maxLength: 6 } };
      const { text } = await model.send(payloadOf(content, { sampling, schema }), signal);
      return text;
    };
    const alone: string[] = [];
    for (const content of contents) alone.push(await say(content));
    expect(await Promise.all(contents.map(say))).toEqual(alone);
    expect(new Set(alone).size).toBeGreaterThan(1);
  });

  test("an abort ends what is generated and what waits, and the model goes on", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const sampling = { ...payloadOf("").sampling, maxTokens: 5000 };
    const sent = Array.from({ length: 8 }, (_, n) =>
      model.send(payloadOf("x".repeat(n + 1), { sampling }), stop.signal),
    );
    const ended = Promise.allSettled(sent);
    setTimeout(() => {
      stop.abort(reason);
    }, 5);
    expect(await ended).toEqual(sent.map(() => ({ status: "rejected", reason })));
    await expect(model.send(payloadOf("y", { sampling }), signal)).rejects.toMatchObject({
      fault: { fault: "length" },
    });
  });

  test("a file that is cut off is a failure of the provider with the reason", async () => {
    const file = join(folder, "torn.gguf");
    await writeFile(file, "GGUF\x03\0\0\0");
    const opened = openTransport(settingsOf(file));
    await expect(opened).rejects.toMatchObject({ code: "PROVIDER_FAILED" });
    await expect(opened).rejects.toThrow(/cannot run the model .*torn\.gguf/);
  });
});

describe.skipIf(!isInstalled)(`ggufTransport with an adapter${where}`, () => {
  /** An adapter for the tiny models, whose numbers in B are so large. */
  const adapterOf = async (name: string, spread: number, hidden = 128): Promise<string> => {
    const config: DecoderConfig = {
      architecture: "llama",
      ...{ layers: 2, hidden: 64, heads: 4, keyHeads: 4, headWidth: 16, inner: hidden },
      ...{ vocabulary: 1, normEpsilon: 1e-5, ropeBase: 10_000, contextTokens: 4096 },
      ...{ hasBiases: false, hasHeadNorms: false, isTied: false },
    };
    const random = createRandom(1, name);
    const normals = (length: number, size: number): Float32Array =>
      Float32Array.from({ length }, () => size * random.normal());
    const path = join(folder, `adapter-${name}`);
    await writeGgufAdapter(path, {
      lora: { rank: 2, alpha: 4, dropout: 0, targets: linearNames },
      ...{ config, base: "tiny" },
      matrices: [0, 1].flatMap((layer) =>
        linearNames.map((linear) => {
          const [outputs, inputs] = linearShapes(config)[linear];
          return { layer, linear, a: normals(2 * inputs, 1), b: normals(outputs * 2, spread) };
        }),
      ),
    });
    return path;
  };
  const schema = { name: "letters", schema: { type: "string", minLength: 12, maxLength: 12 } };
  const say = async (adapter?: string): Promise<string> => {
    const model = await openTransport(settingsOf(random, { adapter, sequences: 1 }));
    const { text } = await model.send(payloadOf("quiet drama", { schema }), signal);
    await model.close();
    return text;
  };

  test("answers change with it; one of zeros changes nothing", async () => {
    const plain = await say();
    expect(await say(await adapterOf("zero.gguf", 0))).toBe(plain);
    expect(await say(await adapterOf("random.gguf", 1))).not.toBe(plain);
  });

  test("refuses one of another size, and a model in its place", async () => {
    const wide = await adapterOf("wide.gguf", 1, 96);
    for (const adapter of [wide, scripted]) {
      const said = say(adapter);
      await expect(said).rejects.toMatchObject({ code: "CONFIG_INVALID" });
      await expect(said).rejects.toThrow(/does not fit the model .*random\.gguf: .*LoRA adapter/);
    }
  });

  test("two adapters of one model are two contexts of one loaded model", async () => {
    const adapters = [await adapterOf("a.gguf", 1), await adapterOf("b.gguf", 0)];
    const model = await openGgufModel(settingsOf(random));
    const lent = { ...model, close: () => Promise.resolve() };
    const transports = await Promise.all(
      adapters.map((adapter) =>
        ggufTransport(settingsOf(random, { adapter, sequences: 1 }), () => Promise.resolve(lent)),
      ),
    );
    const texts = await Promise.all(
      transports.map((one) => one.send(payloadOf("quiet drama", { schema }), signal)),
    );
    expect(texts[0]?.text).not.toBe(texts[1]?.text);
    expect(texts[1]?.text).toBe(await say());
    for (const one of transports) await one.close();
    await model.close();
  });
});
