/**
 * @file SmolLM2-135M-Instruct as Q4_1, of which `R4EC_GGUF` names the file, against llama.cpp's tokens and the reference decoding of its
 * tensors.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { BaseModel } from "../../../src/finetune/base/base-model.ts";
import { decoderTensors } from "../../../src/finetune/decoder/decoder-tensors.ts";
import { openBaseModel } from "../../../src/finetune/base/open-base-model.ts";
import { ggufTokenizer } from "../../../src/finetune/text/gguf-tokenizer.ts";
import { openGguf } from "../../../src/finetune/weights/open-gguf.ts";

const file = process.env["R4EC_GGUF"];

async function fixture<T>(name: string, schema: z.ZodType<T>): Promise<T> {
  const url = new URL(`../../fixtures/finetune/${name}`, import.meta.url);
  return schema.parse(JSON.parse(await readFile(url, "utf8")));
}

const tokensSchema = z.object({
  texts: z.array(z.object({ text: z.string(), ids: z.string() })),
  chat: z.string(),
});

if (file === undefined) {
  test.skip("no real language model here: set R4EC_GGUF", () => undefined);
} else {
  describe("SmolLM2-135M-Instruct", () => {
    let model: BaseModel;
    beforeAll(async () => {
      model = await openBaseModel(file);
    }, 60_000);
    afterAll(() => model.weights.close());

    test("has the sizes that its authors give", () => {
      expect(model.config).toEqual({
        ...{ architecture: "llama", layers: 30, hidden: 576, heads: 9, keyHeads: 3, headWidth: 64 },
        ...{ inner: 1536, vocabulary: 49_152, ropeBase: 100_000, contextTokens: 8192 },
        ...{ hasBiases: false, hasHeadNorms: false, isTied: true },
        normEpsilon: Math.fround(1e-5),
      });
    });

    test("has all its 134,515,008 numbers, none of them infinite", async () => {
      let count = 0;
      for (const name of decoderTensors(model.config).keys()) {
        const values = await model.weights.read(name);
        count += values.length;
        expect(values.every(Number.isFinite), name).toBe(true);
      }
      expect(count).toBe(134_515_008);
    }, 60_000);

    test("decodes its tensors as the reference implementation does, to the last bit", async () => {
      const expected = await fixture("smollm2-tensors.json", z.record(z.string(), z.string()));
      for (const [name, hash] of Object.entries(expected)) {
        const values = await model.weights.read(name);
        expect(createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex")).toBe(hash);
      }
      expect(Object.keys(expected)).toHaveLength(6);
    });

    test("splits conversations and texts into llama.cpp's tokens", async () => {
      const { texts, chat } = await fixture("smollm2-tokens.json", tokensSchema);
      const { prompt, answer } = model.tokenizer.encode([
        { role: "system", content: "Be brief." },
        { role: "user", content: "Name 3 films of 1979." },
        { role: "assistant", content: "Alien, Stalker and Mad Max." },
      ]);
      expect([...prompt, ...answer].join(" ")).toBe(chat);

      const gguf = await openGguf(file);
      await gguf.close();
      const bare =
        "{% for m in messages %}{% if m.role == 'assistant' %}{{ '<|im_start|>' + m.content + '<|im_end|>' }}{% endif %}" +
        "{% endfor %}{% if add_generation_prompt %}<|im_start|>{% endif %}";
      const metadata = new Map(gguf.metadata).set("tokenizer.chat_template", bare);
      const { encode } = ggufTokenizer({ path: file, metadata });
      const idsOf = (text: string): string =>
        encode([
          { role: "user", content: "" },
          { role: "assistant", content: text },
        ])
          .answer.slice(0, -1)
          .join(" ");
      expect(texts.map(({ text }) => ({ text, ids: idsOf(text) }))).toEqual(texts);
      expect(texts.length).toBeGreaterThan(100);
    });
  });
}
