import { describe, expect, test } from "vitest";
import type { ChatMessage, ChatTokenizer } from "../../../src/finetune/text/chat-tokenizer.ts";
import { makeChatTokenizer } from "../../../src/finetune/text/make-chat-tokenizer.ts";
import { tokenizerContentSchema } from "../../../src/finetune/text/tokenizer-content.ts";
import { bytesOf, chatml, end, idOf, start, tokenizerJson } from "./tiny-tokenizer.ts";

const tokenizer = (
  source: string,
  {
    content = tokenizerJson,
    variables = {},
  }: { content?: object; variables?: Record<string, string> } = {},
): ChatTokenizer =>
  makeChatTokenizer({
    ...{ whose: "tokenizer.json", paddingId: end, content: tokenizerContentSchema.parse(content) },
    template: { source, whose: "chat_template.jinja", variables },
  });
const user = (content: string): ChatMessage => ({ role: "user", content });
const assistant = (content: string): ChatMessage => ({ role: "assistant", content });
const system = (content: string): ChatMessage => ({ role: "system", content });

/** What stands around an answer in ChatML. */
const asked = (...content: number[]): number[] => [
  ...[start, ...bytesOf("us"), idOf("er"), ...bytesOf("\n"), ...content, end, ...bytesOf("\n")],
  ...[start, ...bytesOf("assistant\n")],
];

describe("encode", () => {
  test("gives prompt and answer, with the token that ends it and no line break after", () => {
    const { encode, vocabulary, paddingId } = tokenizer(chatml);
    expect(encode([user("Hi there"), assistant("Hi!")])).toEqual({
      prompt: asked(idOf("Hi"), idOf("Ġthere")),
      answer: [idOf("Hi"), ...bytesOf("!"), end],
    });
    expect([vocabulary, paddingId]).toEqual([268, end]);
  });

  test("keeps what only looks like a special token as text, also in the answer", () => {
    const { encode } = tokenizer(chatml);
    const trick = "<|im_end|>";
    const letters = bytesOf(trick);
    expect(encode([user(trick), assistant(`${trick}Hi`)])).toEqual({
      prompt: asked(...letters),
      answer: [...letters.slice(0, -1), ...bytesOf(">"), idOf("Hi"), end],
    });
  });

  test("takes added tokens that are not special wherever they stand, as the model's own software does", () => {
    const { encode } = tokenizer(chatml);
    expect(encode([user("a"), assistant("<think>Hi</think>")]).answer).toEqual([
      ...[266, idOf("Hi"), 267, end],
    ]);
  });

  test("leaves signs for hidden tokens in the messages alone", () => {
    const { encode } = tokenizer(chatml);
    const sign = "\ue0000\ue000<|im_end|>";
    expect(encode([user("a"), assistant(sign)]).answer).toEqual([...bytesOf(sign), end]);
  });

  test("keeps a system message that is given, and the template's own where none is", () => {
    const { encode } = tokenizer(
      "{% if messages[0].role != 'system' %}<|im_start|>Hi<|im_end|>{% endif %}" + chatml,
    );
    const own = encode([user("a"), assistant("b")]).prompt;
    expect(own.slice(0, 3)).toEqual([start, idOf("Hi"), end]);
    const given = encode([system("a"), user("a"), assistant("b")]).prompt;
    expect(given.slice(0, 10)).toEqual([start, ...bytesOf("system\na"), end]);
  });

  test("asks a template that can think not to, so that the answer follows the prompt", () => {
    const thinking =
      "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}" +
      "{% if m.role == 'assistant' and loop.last %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{{ m.content + '<|im_end|>\\n' }}{% endfor %}" +
      "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}" +
      "{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}";
    const { prompt, answer } = tokenizer(thinking).encode([user("a"), assistant("Hi")]);
    expect(prompt.slice(-6)).toEqual([266, ...bytesOf("\n\n"), 267, ...bytesOf("\n\n")]);
    expect(answer).toEqual([idOf("Hi"), end]);
  });

  test("gives templates the special tokens and no date of today", () => {
    const dated =
      "{{ bos_token }}{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% else %}Hi{% endif %}" +
      chatml;
    const { encode } = tokenizer(dated, { variables: { bos_token: "<|im_start|>" } });
    expect(encode([user("a"), assistant("b")]).prompt.slice(0, 3)).toEqual([
      ...[start, idOf("Hi"), start],
    ]);
  });

  test("cuts at digits of every script, not only at 0 to 9", () => {
    const { encode } = tokenizer(chatml);
    const ofHalves = (content: object): readonly number[] =>
      tokenizer(chatml, { content }).encode([user("a"), assistant("½½")]).answer;
    expect(encode([user("a"), assistant("½½")]).answer).toEqual([idOf("Â½"), idOf("Â½"), end]);
    const bytesOnly = { type: "ByteLevel", add_prefix_space: false, use_regex: true };
    expect(ofHalves({ ...tokenizerJson, pre_tokenizer: bytesOnly })).toEqual([idOf("Â½Â½"), end]);
  });

  test("strips what special tokens strip", () => {
    const added_tokens = tokenizerJson.added_tokens.map((token) =>
      token.id === start ? { ...token, lstrip: true, rstrip: true } : token,
    );
    const { encode } = tokenizer(chatml.replace("'\\n' }}{% endfor", "' ' }}{% endfor"), {
      content: { ...tokenizerJson, added_tokens },
    });
    const { prompt } = encode([user("a"), assistant("b")]);
    expect(prompt).toEqual([
      ...[start, ...bytesOf("us"), idOf("er"), ...bytesOf("\na"), end],
      ...[start, ...bytesOf("assistant\n")],
    ]);
  });

  test.each<[string, readonly ChatMessage[]]>([
    ["user", [user("a")]],
    ["no messages", []],
    ["assistant, user", [assistant("a"), user("b")]],
    ["user, assistant, user, assistant", [user("a"), assistant("b"), user("c"), assistant("d")]],
  ])("refuses a conversation of %s", (roles, messages) => {
    const { encode } = tokenizer(chatml);
    expect(() => encode(messages)).toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message: `a conversation must end with its only message of an assistant, the answer to learn: ${roles}`,
      }),
    );
  });

  test("says which roles a template refuses, and why", () => {
    const { encode } = tokenizer(
      "{% if messages[0].role == 'system' %}{{ raise_exception('no system please') }}{% endif %}" +
        chatml,
    );
    expect(() => encode([system("s"), user("a"), assistant("b")])).toThrow(
      "chat_template.jinja: the chat template cannot render a conversation of system, user: no system please",
    );
  });
});

describe("makeChatTokenizer", () => {
  test.each<[string, () => unknown, string]>([
    [
      "a template that cannot be read",
      () => tokenizer("{% if %}"),
      "chat_template.jinja: the chat template cannot be read:",
    ],
    [
      "a template that does not render a plain conversation",
      () => tokenizer("{{ raise_exception('never') }}"),
      "cannot render a conversation of user: never",
    ],
    [
      "a prompt that does not begin the whole",
      () => tokenizer(chatml.replace("'<|im_start|>assistant\\n'", "'<|im_start|>model'")),
      'writes a prompt that does not begin the whole conversation: "<|im_start|>user\\na<|im_end|>\\n<|im_start|>model" and "',
    ],
    [
      "an answer without an end",
      () => tokenizer("{% for m in messages %}{{ m.content }}{% endfor %}"),
      "the chat template does not end an answer with a special token",
    ],
    [
      "a template that goes on after the answer",
      () => tokenizer(chatml.replace("'<|im_end|>' + '\\n'", "'<|im_end|>more'")),
      "the chat template does not end an answer with a special token",
    ],
    [
      "a tokenizer of an unknown kind",
      () =>
        tokenizer(chatml, {
          content: { ...tokenizerJson, pre_tokenizer: { type: "Nobody" } },
        }),
      "tokenizer.json: the tokenizer cannot be read: ",
    ],
    [
      "a tokenizer for which the first piece of a text is special",
      () =>
        tokenizer(chatml, {
          content: {
            ...tokenizerJson,
            pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "first" },
          },
        }),
      "tokenizer.json: the tokenizer marks the first word of a text only (prepend_scheme first)",
    ],
  ])("refuses %s", (_, make, message) => {
    expect(make).toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});
