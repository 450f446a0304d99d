import { describe, expect, test } from "vitest";
import type { Usage } from "../../src/llm/chat.ts";
import {
  allTokens,
  costUsd,
  estimatedRequest,
  mostCostUsd,
  type Price,
} from "../../src/llm/cost.ts";

const price: Price = { prompt: 2, cachedPrompt: 0.5, completion: 10 };
const plain: Price = { prompt: 2, completion: 10 };

function usage(
  promptTokens: number | null,
  completionTokens: number | null,
  cachedTokens: number | null,
): Usage {
  return { promptTokens, completionTokens, cachedTokens };
}

describe("costUsd", () => {
  test.each<[string, Usage, Price | null, number | null]>([
    ["1000 prompt, 100 answer: 0.002 + 0.001", usage(1000, 100, 0), price, 0.003],
    ["600 of them cached: 0.0008 + 0.0003 + 0.001", usage(1000, 100, 600), price, 0.0021],
    ["cached at the price of others where it has none", usage(1000, 100, 600), plain, 0.003],
    ["unknown cached tokens count as uncached", usage(1000, 100, null), price, 0.003],
    ["no more cached than there are", usage(1000, 0, 5000), price, 0.0005],
    ["nothing", usage(0, 0, 0), price, 0],
    ["no price", usage(1000, 100, 0), null, null],
    ["unknown prompt", usage(null, 100, 0), price, null],
    ["unknown answer", usage(1000, null, 0), price, null],
  ])("%s", (_name, used, at, expected) => {
    const cost = costUsd(used, at);
    if (expected === null) expect(cost).toBeNull();
    else expect(cost).toBeCloseTo(expected, 12);
  });
});

test("mostCostUsd takes all of a prompt as cached where that costs more", () => {
  expect(mostCostUsd(usage(1000, 100, null), price)).toBeCloseTo(0.003, 12);
  expect(mostCostUsd(usage(1000, 100, null), { ...price, cachedPrompt: 4 })).toBeCloseTo(0.005, 12);
  expect(mostCostUsd(usage(1000, 100, null), null)).toBeNull();
});

test("estimatedRequest counts four characters per token and the longest answer", () => {
  const messages = [
    { role: "system", content: "12345" },
    { role: "user", content: "6789" },
  ] as const;
  const sampling = { temperature: 0, topP: 1, maxTokens: 50, seed: 1, stop: [], extra: {} };
  expect(estimatedRequest({ messages, sampling })).toBe(53);
});

test("allTokens is unknown when either part is", () => {
  expect(allTokens(usage(3, 50, null))).toBe(53);
  expect(allTokens(usage(3, null, 0))).toBeNull();
});
