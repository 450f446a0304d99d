import { expect, test } from "vitest";
import type { LlamaChat, LlamaModel } from "../../../src/llm/gguf/node-llama-cpp.ts";
import { beginAsTemplate } from "../../../src/llm/gguf/template-start.ts";

class SpecialToken {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}

const LlamaText = (values: readonly unknown[]) => ({ values, tokenize: () => [] });

/** What a prompt consists of, by a library that writes `start` in front of it. */
function valuesOf(
  start: unknown,
  template: string | undefined,
  shouldPrependBosToken: boolean,
): readonly unknown[] {
  const chat = {
    chatWrapper: { generateContextState: () => ({ contextText: LlamaText([start, "user: hi"]) }) },
  } as unknown as LlamaChat;
  const tokenizer = template === undefined ? {} : { tokenizer: { chat_template: template } };
  const model = { tokens: { shouldPrependBosToken }, fileInfo: { metadata: tokenizer } };
  beginAsTemplate(chat, model as unknown as LlamaModel, { LlamaText, SpecialToken });
  return chat.chatWrapper.generateContextState({ chatHistory: [] }).contextText.values;
}

const start = new SpecialToken("BOS");
const plain = "{% for m in messages %}{{ m.content }}{% endfor %}";

test("leaves out the start that neither tokenizer nor template asks for", () => {
  expect(valuesOf(start, plain, false)).toEqual(["user: hi"]);
});

test.each([
  ["the tokenizer asks for it", start, plain, true],
  ["the template writes it", start, `{{ bos_token }}${plain}`, false],
  ["the file has no template", start, undefined, false],
  ["a prompt begins with another token", new SpecialToken("EOS"), plain, false],
  ["a prompt begins with text", "system: be brief", plain, false],
])("changes nothing where %s", (_, first, template, shouldPrepend) => {
  expect(valuesOf(first, template, shouldPrepend)).toEqual([first, "user: hi"]);
});
