import { describe, expect, test } from "vitest";
import { TransportError, type ChatPayload } from "../../../src/llm/chat.ts";
import { readReply } from "../../../src/llm/openai/read-reply.ts";
import { checkExtra, requestBody } from "../../../src/llm/openai/request-body.ts";

const payload: ChatPayload = {
  model: "m",
  promptVersion: "p1",
  messages: [
    { role: "system", content: "s" },
    { role: "user", content: "u" },
  ],
  sampling: { temperature: 0, topP: 1, maxTokens: 64, seed: null, stop: [], extra: {} },
  schema: null,
  sample: 2,
};
const { sampling } = payload;

describe("requestBody", () => {
  test("says no more than the payload", () => {
    expect(requestBody(payload)).toEqual({
      model: "m",
      messages: [
        { role: "system", content: "s" },
        { role: "user", content: "u" },
      ],
      temperature: 0,
      top_p: 1,
      max_tokens: 64,
    });
  });

  test("shifts the seed by the sample and passes stops on", () => {
    const body = requestBody({ ...payload, sampling: { ...sampling, seed: 7, stop: ["</k>"] } });
    expect(body).toMatchObject({ seed: 9, stop: ["</k>"] });
  });

  test("asks for a schema strictly", () => {
    const schema = { type: "object", properties: { ok: { type: "boolean" } } };
    expect(requestBody({ ...payload, schema: { name: "judgement", schema } })).toMatchObject({
      response_format: {
        type: "json_schema",
        json_schema: { name: "judgement", schema, strict: true },
      },
    });
  });

  test("extra fields are added, replace ours, and leave out ours when null", () => {
    const extra = { top_k: 20, temperature: 0.5, max_tokens: null, max_completion_tokens: 99 };
    const body = requestBody({ ...payload, sampling: { ...sampling, extra } });
    expect(body).toMatchObject({ top_k: 20, temperature: 0.5, max_completion_tokens: 99 });
    expect(body).not.toHaveProperty("max_tokens");
  });

  test("the same payload gives the same text", () => {
    expect(JSON.stringify(requestBody(payload))).toBe(
      JSON.stringify(requestBody(structuredClone(payload))),
    );
  });
});

describe("checkExtra", () => {
  test.each(["model", "messages", "stream", "stream_options", "n"])("refuses %s", (name) => {
    expect(() => {
      checkExtra({ top_k: 1, [name]: 1 });
    }).toThrow(`sampling.extra.${name} is not supported`);
  });

  test("lets other fields pass", () => {
    expect(() => {
      checkExtra({ top_k: 1, chat_template_kwargs: { enable_thinking: false } });
    }).not.toThrow();
  });
});

const unknown = { promptTokens: null, completionTokens: null, cachedTokens: null };
const counted = { prompt_tokens: 9, completion_tokens: 4 };

function reply(message: object, finish: string | null = "stop", usage?: object): object {
  return { choices: [{ message, finish_reason: finish }], ...(usage && { usage }) };
}

function failureOf(body: unknown): TransportError {
  try {
    readReply(body);
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw error;
  }
  throw new Error("it was read");
}

describe("readReply", () => {
  test("reads text and usage as they are", () => {
    const usage = { ...counted, prompt_tokens_details: { cached_tokens: 0 } };
    expect(readReply(reply({ content: " hi\n" }, "stop", usage))).toEqual({
      text: " hi\n",
      usage: { promptTokens: 9, completionTokens: 4, cachedTokens: 0 },
    });
  });

  test("tokens that were not counted are null, not 0", () => {
    expect(readReply(reply({ content: "a" })).usage).toEqual(unknown);
    expect(readReply(reply({ content: "a" }, "stop", counted)).usage).toEqual({
      promptTokens: 9,
      completionTokens: 4,
      cachedTokens: null,
    });
  });

  test.each([
    { prompt_tokens: -1, completion_tokens: "4", prompt_tokens_details: { cached_tokens: 1.5 } },
    { prompt_tokens: null, prompt_tokens_details: null },
    [],
  ])("nonsense is no count: %j", (usage) => {
    expect(readReply(reply({ content: "a" }, "stop", usage)).usage).toEqual(unknown);
  });

  test("reads JSON text, content in parts, and answers without a finish reason", () => {
    expect(readReply(JSON.stringify(reply({ content: "a" }))).text).toBe("a");
    const parts = [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ];
    expect(readReply(reply({ content: parts })).text).toBe("ab");
    expect(readReply({ choices: [{ message: { content: "a" } }, {}] }).text).toBe("a");
  });

  test.each([
    ["length", reply({ content: "half an ans" }, "length", counted)],
    ["filtered", reply({ content: "x" }, "content_filter", counted)],
    ["filtered", reply({ content: null, refusal: "I cannot." }, "stop", counted)],
    ["empty", reply({ content: " \n" }, "stop", counted)],
    ["empty", reply({ content: null }, "tool_calls", counted)],
    ["empty", reply({ content: [{ type: "thinking", text: "hm" }] }, "stop", counted)],
    ["filtered", reply({ content: [{ type: "refusal", refusal: "no" }] }, "stop", counted)],
    ["length", reply({ content: "half" }, "MAX_TOKENS", counted)],
    ["length", reply({ content: "half" }, "model_length", counted)],
    ["length", reply({ content: "half" }, "ran dry", counted)],
    ["filtered", reply({ content: "half" }, "SAFETY", counted)],
  ])("%s is a fault of the prompt, and paid", (fault, body) => {
    expect(failureOf(body).fault).toEqual({
      kind: "prompt",
      fault,
      usage: { promptTokens: 9, completionTokens: 4, cachedTokens: null },
    });
  });

  test.each([
    ["broken JSON: <html></html>", "<html></html>"],
    ["an error: out of memory", { error: { message: "out of memory", code: 500 } }],
    ["gave up on the answer (finish_reason abort)", reply({ content: "a" }, "abort")],
    [
      "gave up on the answer (finish_reason insufficient_system_resource)",
      reply({ content: "a" }, "insufficient_system_resource"),
    ],
  ])("%s is worth another attempt", (message, body) => {
    const error = failureOf(body);
    expect(error.fault).toMatchObject({ kind: "transient" });
    expect(error.message).toContain(message);
  });

  test.each([
    ["no chat completion: {}", {}],
    ['no chat completion: {"choices":[]}', { choices: [] }],
    ['no chat completion: {"choices":[{"message":{"content":3', reply({ content: 3 })],
    ['no chat completion: {"output":"a text"}', { output: "a text" }],
    ["no chat completion: null", null],
    ["no chat completion: nothing", undefined],
  ])("%s is paid once, and told", (message, body) => {
    const error = failureOf(body);
    expect(error.fault).toMatchObject({
      kind: "setup",
      later: { kind: "prompt", fault: "failed" },
    });
    expect(error.message).toContain(message);
  });

  test.each([
    ["strings", ["a ", "b"], "a b"],
    ["a part alone", { type: "text", text: "a" }, "a"],
    ["parts of the responses API", [{ type: "output_text", text: "a" }], "a"],
    ["parts with content", [{ type: "text", content: "a" }], "a"],
    ["parts without a type", [{ text: "a" }, "b"], "ab"],
    [
      "reasoning beside it",
      [
        { type: "reasoning", text: "hm" },
        { type: "text", text: "a" },
      ],
      "a",
    ],
    ["thinking beside it", [{ type: "thinking", thinking: [{ text: "hm" }] }, { text: "a" }], "a"],
    ["parts of other kinds", [{ type: "redacted_thinking", data: "x" }, { text: "a" }], "a"],
  ])("reads content of %s", (_, content, text) => {
    expect(readReply(reply({ content })).text).toBe(text);
  });

  test("reads the arguments of a call where there is nothing else", () => {
    const calls = [{ id: "x", type: "function", function: { name: "f", arguments: '{"a":1}' } }];
    const asked = reply({ content: null, tool_calls: calls }, "tool_calls");
    expect(readReply(asked).text).toBe('{"a":1}');
    expect(readReply(reply({ content: "said", tool_calls: calls }, "tool_calls")).text).toBe(
      "said",
    );
  });

  test("says of an empty answer that the model only thought", () => {
    const only = reply({ content: "", reasoning_content: "hm" });
    expect(failureOf(only).message).toContain("the model only thought. Raise maxTokens");
  });
});
