import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ChatPayload } from "../../../src/llm/chat.ts";
import { payloadKey } from "../../../src/llm/cache/payload-key.ts";

const payload: ChatPayload = {
  model: "m",
  promptVersion: "p1",
  messages: [{ role: "user", content: 'say "hi"\n' }],
  sampling: {
    temperature: 0.5,
    topP: 1,
    maxTokens: 9,
    seed: null,
    stop: ["#"],
    extra: { b: 1, a: [] },
  },
  schema: null,
  sample: 0,
};

const written =
  '["m","p1",0]\n' +
  '{"extra":{"a":[],"b":1},"maxTokens":9,"seed":null,"stop":["#"],"temperature":0.5,"topP":1}\n' +
  'null\nuser 9\nsay "hi"\n';

describe("payloadKey", () => {
  test("is the sha256 of the payload written with sorted names and counted texts", () => {
    expect(payloadKey(payload)).toBe(createHash("sha256").update(written).digest("hex"));
  });

  test("tells one message from two of the same text", () => {
    const one = [{ role: "user", content: "a\nuser 1\nb" }] as const;
    const two = [
      { role: "user", content: "a" },
      { role: "user", content: "b" },
    ] as const;
    expect(payloadKey({ ...payload, messages: one })).not.toBe(
      payloadKey({ ...payload, messages: two }),
    );
  });

  test("does not depend on the order in which names were set", () => {
    const { sampling, ...rest } = payload;
    const extra = { a: [], b: 1 };
    expect(payloadKey({ sampling: { ...sampling, extra }, ...rest })).toBe(payloadKey(payload));
  });

  test.each<[string, ChatPayload]>([
    ["model", { ...payload, model: "n" }],
    ["promptVersion", { ...payload, promptVersion: "p2" }],
    ["role", { ...payload, messages: [{ role: "system", content: 'say "hi"\n' }] }],
    ["content", { ...payload, messages: [{ role: "user", content: 'say "hi" ' }] }],
    ["sampling", { ...payload, sampling: { ...payload.sampling, seed: 1 } }],
    ["extra", { ...payload, sampling: { ...payload.sampling, extra: { b: 1, a: [0] } } }],
    ["schema", { ...payload, schema: { name: "s", schema: {} } }],
    ["sample", { ...payload, sample: 1 }],
  ])("changes with %s", (_name, other) => {
    expect(payloadKey(other)).not.toBe(payloadKey(payload));
  });
});
