import { describe, expect, test } from "vitest";
import type { ChatTokenizer } from "../../../src/finetune/text/chat-tokenizer.ts";
import { ggufTokenizer } from "../../../src/finetune/text/gguf-tokenizer.ts";
import type { GgufValue } from "../../../src/finetune/weights/gguf-header.ts";
import { bytesOf, chatml, end, idOf, merges, start, tokens } from "./tiny-tokenizer.ts";

const whole: Readonly<Record<string, GgufValue>> = {
  "tokenizer.ggml.model": "gpt2",
  "tokenizer.ggml.pre": "smollm",
  "tokenizer.ggml.tokens": tokens,
  "tokenizer.ggml.merges": merges,
  "tokenizer.ggml.token_type": tokens.map((_, id) => (id < start ? 1 : id <= end ? 3 : 4)),
  "tokenizer.ggml.bos_token_id": start,
  "tokenizer.ggml.eos_token_id": end,
  "tokenizer.ggml.padding_token_id": 7,
  "tokenizer.chat_template": `{{ bos_token }}${chatml}`,
};
const tokenizer = (changes: Readonly<Record<string, GgufValue | null>> = {}): ChatTokenizer => {
  const entries = Object.entries({ ...whole, ...changes });
  return ggufTokenizer({
    path: "m.gguf",
    metadata: new Map(entries.flatMap(([key, value]) => (value === null ? [] : [[key, value]]))),
  });
};
const answerOf = (content: string, changes = {}): readonly number[] =>
  tokenizer(changes)
    .encode([
      { role: "user", content: "a" },
      { role: "assistant", content },
    ])
    .answer.slice(0, -1);

describe("ggufTokenizer", () => {
  test("makes a tokenizer of the metadata", () => {
    const { encode, paddingId, vocabulary } = tokenizer();
    expect([paddingId, vocabulary]).toEqual([7, 268]);
    const { prompt, answer } = encode([
      { role: "user", content: "Hi there" },
      { role: "assistant", content: "<think>Hi<|im_end|>" },
    ]);
    expect(prompt.slice(0, 8)).toEqual([
      ...[start, start, ...bytesOf("us"), idOf("er"), ...bytesOf("\n"), idOf("Hi"), idOf("Ġthere")],
    ]);
    expect(answer).toEqual([266, idOf("Hi"), ...bytesOf("<|im_end|>"), end]);
  });

  test("pads with the end token where no padding token is named, else with the first", () => {
    const none = { "tokenizer.ggml.padding_token_id": null };
    expect(tokenizer(none).paddingId).toBe(end);
    expect(tokenizer({ ...none, "tokenizer.ggml.eos_token_id": null }).paddingId).toBe(0);
  });

  test("cuts digits as the named pre-tokenizer does", () => {
    const text = "½½";
    const asOne = [idOf("Â½Â½")];
    const apart = [idOf("Â½"), idOf("Â½")];
    const cut = (pre: string | null): readonly number[] =>
      answerOf(text, { "tokenizer.ggml.pre": pre });
    expect(cut("smollm")).toEqual(apart);
    expect(cut("qwen2")).toEqual(apart);
    expect(cut("gpt-2")).toEqual(asOne);
    expect(cut("llama-bpe")).toEqual(asOne);
    expect(cut("default")).toEqual(asOne);
    expect(cut(null)).toEqual(asOne);
  });

  test("takes a whole piece that is a token without its merges only where the model does", () => {
    const without = { "tokenizer.ggml.merges": ["H x"] };
    expect(answerOf("Hi", without)).toEqual([...bytesOf("Hi")]);
    expect(answerOf("Hi", { ...without, "tokenizer.ggml.pre": "llama-bpe" })).toEqual([idOf("Hi")]);
  });

  test.each<[string, Readonly<Record<string, GgufValue | null>>, RegExp]>([
    [
      "a file without a tokenizer",
      { "tokenizer.ggml.model": null },
      /m\.gguf: its tokenizer cannot be read: .*tokenizer\.ggml\.model/s,
    ],
    [
      "another kind of tokenizer",
      { "tokenizer.ggml.model": "llama" },
      /its tokenizer is of the kind llama, .* only gpt2 .*: take the model's folder/,
    ],
    [
      "a pre-tokenizer that is not known",
      { "tokenizer.ggml.pre": "tekken" },
      /its pre-tokenizer is tekken; known are default, gpt-2, smollm, qwen2, llama-bpe: take/,
    ],
    [
      "a file without a template",
      { "tokenizer.chat_template": null },
      /m\.gguf: has no chat template \(tokenizer\.chat_template\): take a model/,
    ],
    [
      "a template that does not render",
      { "tokenizer.chat_template": "{{ raise_exception('never') }}" },
      /m\.gguf: the chat template cannot render/,
    ],
  ])("refuses %s", (_, changes, message) => {
    expect(() => tokenizer(changes)).toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});
