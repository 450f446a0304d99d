import { describe, expect, test } from "vitest";
import type { Sampling, Usage } from "../../src/llm/chat.ts";
import { answerLimit, atMost, mostUsage, mostUsageOfTexts } from "../../src/llm/most-usage.ts";

const sampling: Sampling = {
  ...{ temperature: 0, topP: 1, maxTokens: 50, seed: 1, stop: [], extra: {} },
};

function usage(promptTokens: number | null, completionTokens: number | null): Usage {
  return { promptTokens, completionTokens, cachedTokens: null };
}

describe("answerLimit", () => {
  test.each<[string, Sampling["extra"], number | null]>([
    ["what the sampling says", {}, 50],
    ["an extra field of the same name", { max_tokens: 7 }, 7],
    ["a field of another name in its place", { max_tokens: null, max_completion_tokens: 9 }, 9],
    ["the higher of two, as servers differ in which they heed", { max_new_tokens: 80 }, 80],
    ["the field of some local servers", { max_tokens: null, num_predict: 3 }, 3],
    ["none without a field", { max_tokens: null }, null],
    ["none where it means no limit", { max_tokens: null, num_predict: -1 }, null],
  ])("is %s", (_, extra, limit) => {
    expect(answerLimit({ maxTokens: 50, extra })).toBe(limit);
  });
});

describe("mostUsage", () => {
  const system = { role: "system", content: "12345" } as const;

  test("counts a token per byte, marks per message, and what a template may add", () => {
    const messages = [system, { role: "user", content: "né 🎬" } as const];
    // 5, and 2 + 1 + 1 + 4 bytes and one for é's second; {} is 2.
    expect(mostUsage({ messages, sampling, schema: null })).toEqual(
      usage(512 + 2 + (16 + 5) + (16 + 8), 50),
    );
  });

  test("counts schema and extra fields, which servers may put into the prompt", () => {
    const schema = { name: "s", schema: { type: "object" } };
    const extra = { max_tokens: 20, tools: ["x".repeat(100)] };
    const most = mostUsage({ messages: [system], sampling: { ...sampling, extra }, schema });
    const bytes = JSON.stringify(schema).length + JSON.stringify(extra).length;
    expect(most).toEqual(usage(512 + bytes + 16 + 5, 20));
  });
});

test("mostUsageOfTexts counts bytes and marks of every text", () => {
  expect(mostUsageOfTexts(["ab", "é"])).toEqual(usage(16 + 2 + 16 + 2, 0));
});

test("atMost keeps what was counted and fills in the rest", () => {
  const most = usage(100, 50);
  expect(atMost(usage(null, null), most)).toEqual(most);
  expect(atMost(usage(12, null), most)).toEqual(usage(12, 50));
  expect(atMost(usage(12, 3), most)).toEqual(usage(12, 3));
});
