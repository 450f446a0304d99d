import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createRandom } from "../../../src/base/random.ts";
import { writeGgufAdapter } from "../../../src/finetune/adapter/write-gguf-adapter.ts";
import {
  linearNames,
  linearShapes,
  type DecoderConfig,
} from "../../../src/finetune/decoder/decoder-config.ts";
import { openBaseModel } from "../../../src/finetune/base/open-base-model.ts";
import type { ChatReply } from "../../../src/llm/chat.ts";
import { openGgufModel } from "../../../src/llm/gguf/gguf-model.ts";
import { ggufSettings } from "../../../src/llm/gguf/gguf-settings.ts";
import { ggufTransport } from "../../../src/llm/gguf/gguf-transport.ts";
import { samplingOf } from "../../../src/llm/settings.ts";

const model = process.env["R4EC_GGUF"] ?? "";
const where = model === "" ? " (skipped: R4EC_GGUF names no SmolLM2-135M-Instruct)" : "";

/** SmolLM2-135M. */
const config: DecoderConfig = {
  architecture: "llama",
  ...{ layers: 30, hidden: 576, heads: 9, keyHeads: 3, headWidth: 64, inner: 1536 },
  ...{ vocabulary: 49_152, normEpsilon: 1e-5, ropeBase: 100_000, contextTokens: 8192 },
  ...{ hasBiases: false, hasHeadNorms: false, isTied: true },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-gguf-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An adapter whose numbers in B are so large. */
async function adapterOf(spread: number): Promise<string> {
  const random = createRandom(1, "adapter");
  const path = join(folder, `adapter-${spread}.gguf`);
  const shapes = linearShapes(config);
  const normals = (length: number, size: number): Float32Array =>
    Float32Array.from({ length }, () => size * random.normal());
  await writeGgufAdapter(path, {
    lora: { rank: 8, alpha: 16, dropout: 0, targets: linearNames },
    ...{ config, base: "SmolLM2-135M-Instruct" },
    matrices: Array.from({ length: config.layers }, (_, layer) =>
      linearNames.map((linear) => {
        const [outputs, inputs] = shapes[linear];
        return {
          ...{ layer, linear },
          a: normals(8 * inputs, inputs ** -0.5),
          b: normals(outputs * 8, spread),
        };
      }),
    ).flat(),
  });
  return path;
}

const messages = [
  { role: "system", content: "You know films." },
  { role: "user", content: "Name a quiet film." },
] as const;

async function ask(adapter?: string): Promise<ChatReply> {
  const settings = ggufSettings.parse({
    ...{ provider: "gguf", model, contextTokens: 256, sequences: 1, threads: 1 },
    ...(adapter !== undefined && { adapter }),
  });
  const transport = await ggufTransport(settings, () => openGgufModel(settings));
  const reply = await transport.send(
    {
      ...{ model, promptVersion: "1", sampling: samplingOf(settings), sample: 0 },
      messages,
      schema: { name: "answer", schema: { type: "string", minLength: 12, maxLength: 12 } },
    },
    new AbortController().signal,
  );
  await transport.close();
  return reply;
}

async function say(adapter?: string): Promise<string> {
  return (await ask(adapter)).text;
}

describe.skipIf(model === "")(`a real model from a file${where}`, { timeout: 120_000 }, () => {
  test("says the same again, and with an adapter of zeros; something else with another", async () => {
    const plain = await say();
    expect(JSON.parse(plain)).toHaveLength(12);
    expect(await say()).toBe(plain);
    expect(await say(await adapterOf(0))).toBe(plain);
    expect(await say(await adapterOf(0.3))).not.toBe(plain);
  });

  test("gives an answer that depends on its prompt alone, where it is to be reproducible", async () => {
    const settings = ggufSettings.parse({
      ...{ provider: "gguf", model, contextTokens: 512, threads: 1, reproducible: true },
    });
    const transport = await ggufTransport(settings, () => openGgufModel(settings));
    onTestFinished(() => transport.close());
    const answerTo = (content: string): Promise<ChatReply> =>
      transport.send(
        {
          ...{ model, promptVersion: "1", sampling: samplingOf(settings), sample: 0 },
          messages: [messages[0], { role: "user", content }],
          schema: { name: "answer", schema: { type: "string", minLength: 60, maxLength: 60 } },
        },
        new AbortController().signal,
      );
    const prompts = ["quiet", "loud", "old"].map((word) => `Name a ${word} film, and say why.`);
    const first: ChatReply[] = [];
    for (const prompt of prompts) first.push(await answerTo(prompt));
    const later = await Promise.all(prompts.toReversed().map(answerTo));
    expect(later.toReversed()).toEqual(first);
    expect(first.map(({ usage }) => usage.cachedTokens)).toEqual([0, 0, 0]);
  });

  test("reads a prompt as training does", async () => {
    const { tokenizer, weights } = await openBaseModel(model);
    const { prompt } = tokenizer.encode([...messages, { role: "assistant", content: "Any." }]);
    await weights.close();
    expect((await ask()).usage.promptTokens).toBe(prompt.length);
  });
});
