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
  ])("%s is a fault of the prompt, and paid", (fault, body) => {
    expect(failureOf(body).fault).toEqual({
      kind: "prompt",
      fault,
      usage: { promptTokens: 9, completionTokens: 4, cachedTokens: null },
    });
  });

  test.each([
    ["no chat completion: {}", {}],
    ['no chat completion: {"choices":[]}', { choices: [] }],
    ['no chat completion: {"choices":[{"message":{"content":3', reply({ content: 3 })],
    ["broken JSON: Unexpected token", "<html></html>"],
    ["no chat completion: null", null],
    ["no chat completion: nothing", undefined],
    ["an error: out of memory", { error: { message: "out of memory", code: 500 } }],
    ["gave up on the answer (finish_reason abort)", reply({ content: "a" }, "abort")],
  ])("%s is worth another attempt", (message, body) => {
    const error = failureOf(body);
    expect(error.fault).toEqual({ kind: "transient" });
    expect(error.message).toContain(message);
  });
});
