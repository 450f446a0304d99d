import { expect, test } from "vitest";
import { requestRow } from "../../../src/knowledge/request-row.ts";
import type { ChatCall } from "../../../src/llm/chat.ts";
import { schemaOf } from "../../../src/tables/check-schema.ts";

const call: ChatCall = {
  key: "ab12",
  provider: "openai",
  model: "m",
  promptVersion: "user-reason-1",
  answer: { status: "ok", text: "likes war films" },
  usage: { promptTokens: 120, completionTokens: 30, cachedTokens: null },
  costUsd: 0.002,
  latencyMs: 15.5,
  attempts: 2,
  isCached: false,
};
const step = {
  variant: "kar",
  sample: 1,
  round: 2,
  role: "actor",
  task: "refine",
  ask: 0,
} as const;

test("an answered call has its step, tokens and cost, and no error", () => {
  expect(requestRow("item", 7, step, call)).toEqual({
    variant: "kar",
    subject: "item",
    subject_id: 7,
    sample: 1,
    round: 2,
    role: "actor",
    task: "refine",
    ask: 0,
    provider: "openai",
    model: "m",
    prompt_version: "user-reason-1",
    key: "ab12",
    status: "ok",
    prompt_tokens: 120,
    completion_tokens: 30,
    cached_tokens: null,
    cost_usd: 0.002,
    latency_ms: 15.5,
    attempts: 2,
    is_cached: false,
    error: null,
  });
});

test("a call without an answer says why", () => {
  const answer = { status: "filtered", reason: "withheld by the content filter" } as const;
  expect(requestRow("user", 7, step, { ...call, answer })).toMatchObject({
    subject: "user",
    status: "filtered",
    error: "withheld by the content filter",
  });
});

test("a row has the columns of the table, in its order", () => {
  expect(Object.keys(requestRow("user", 7, step, call))).toEqual(
    schemaOf("requests").columns.map((column) => column.name),
  );
});
