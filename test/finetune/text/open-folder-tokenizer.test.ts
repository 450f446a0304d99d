import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openFolderTokenizer } from "../../../src/finetune/text/open-folder-tokenizer.ts";
import { bytesOf, chatml, end, idOf, start, tokenizerJson } from "./tiny-tokenizer.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "r4ec-tokenizer-"));
  await put("tokenizer.json", tokenizerJson);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (name: string, content: object | string): Promise<void> =>
  writeFile(
    path.join(folder, name),
    typeof content === "string" ? content : JSON.stringify(content),
  );
const encoded = async (): Promise<readonly number[]> => {
  const { encode } = await openFolderTokenizer(folder);
  return encode([
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ]).prompt;
};
const greeting = `{{ bos_token }}Hi${chatml}`;
const greeted = [start, idOf("Hi"), start];

describe("openFolderTokenizer", () => {
  test("takes template and special tokens from tokenizer_config.json", async () => {
    await put("tokenizer_config.json", {
      ...{ chat_template: greeting, bos_token: "<|im_start|>" },
      ...{ eos_token: { content: "<|im_end|>", special: true }, pad_token: null },
    });
    expect((await encoded()).slice(0, 3)).toEqual(greeted);
    const { paddingId, vocabulary } = await openFolderTokenizer(folder);
    expect([paddingId, vocabulary]).toEqual([end, 268]);
  });

  test("pads with the padding token, else the end token, else the first", async () => {
    const paddingOf = async (config: object): Promise<number> => {
      await put("tokenizer_config.json", { chat_template: chatml, ...config });
      return (await openFolderTokenizer(folder)).paddingId;
    };
    expect(await paddingOf({ pad_token: "a", eos_token: "<|im_end|>" })).toBe(bytesOf("a")[0]);
    expect(await paddingOf({ pad_token: "nowhere", eos_token: "<|im_end|>" })).toBe(end);
    expect(await paddingOf({})).toBe(0);
  });

  test("takes the template named default of several", async () => {
    await put("tokenizer_config.json", {
      bos_token: "<|im_start|>",
      chat_template: [
        { name: "tool_use", template: "{{ raise_exception('not this') }}" },
        { name: "default", template: greeting },
      ],
    });
    expect((await encoded()).slice(0, 3)).toEqual(greeted);
  });

  test("prefers chat_template.jinja", async () => {
    await put("tokenizer_config.json", {
      ...{ bos_token: "<|im_start|>", chat_template: "{{ raise_exception('not this') }}" },
    });
    await put("chat_template.jinja", greeting);
    expect((await encoded()).slice(0, 3)).toEqual(greeted);
  });

  test.each<[string, () => Promise<void>, RegExp]>([
    [
      "a folder without a tokenizer",
      () => rm(path.join(folder, "tokenizer.json")),
      /tokenizer\.json: cannot be read\. A model's folder has its tokenizer in this file/,
    ],
    [
      "a file that is no tokenizer",
      () => put("tokenizer.json", { model: {} }),
      /tokenizer\.json: not a tokenizer: .*vocab/s,
    ],
    [
      "a configuration that is none",
      () => put("tokenizer_config.json", "[1"),
      /tokenizer_config\.json: not the configuration of a tokenizer/,
    ],
    [
      "a model without a template",
      () => put("tokenizer_config.json", {}),
      /has no chat template, neither chat_template\.jinja nor chat_template in tokenizer_config\.json: take a model that was made for chats/,
    ],
    ["a folder of the tokenizer alone", () => Promise.resolve(), /has no chat template/],
    [
      "templates none of which is the default",
      () => put("tokenizer_config.json", { chat_template: [{ name: "rag", template: greeting }] }),
      /tokenizer_config\.json by the name default/,
    ],
    [
      "a template that does not render",
      () => put("chat_template.jinja", "{{ raise_exception('never') }}"),
      /chat_template\.jinja: the chat template cannot render a conversation of user: never/,
    ],
  ])("refuses %s", async (_, make, message) => {
    await make();
    await expect(openFolderTokenizer(folder)).rejects.toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});
