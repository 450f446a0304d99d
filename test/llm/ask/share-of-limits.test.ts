import { expect, test } from "vitest";
import { shareOfLimits } from "../../../src/llm/ask/share-of-limits.ts";

const limits = {
  ...{ inFlight: 10, requestsPerMinute: 90, tokensPerMinute: undefined },
  ...{ timeoutS: 60, attempts: 5, downAfterS: 300 },
};

test("divides what is of the whole run, and nothing else", () => {
  expect(shareOfLimits(limits, 1 / 4)).toEqual({ ...limits, inFlight: 2, requestsPerMinute: 22.5 });
  expect(shareOfLimits(limits, 1)).toEqual(limits);
});

test("leaves every process one request in flight", () => {
  expect(shareOfLimits(limits, 1 / 100)).toMatchObject({ inFlight: 1, requestsPerMinute: 0.9 });
});
