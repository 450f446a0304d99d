import { describe, expect, test } from "vitest";
import { retryAfterMs } from "../../../src/llm/openai/retry-after.ts";

const nowMs = Date.UTC(2026, 0, 1, 12, 0, 0);

const waitFor = (headers: Record<string, string>): number | null =>
  retryAfterMs(new Headers(headers), nowMs);

describe("retryAfterMs", () => {
  test.each([
    [{}, null],
    [{ "retry-after": "2" }, 2000],
    [{ "retry-after": "0.25" }, 250],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "Thu, 01 Jan 2026 12:00:07 GMT" }, 7000],
    [{ "retry-after": "Thu, 01 Jan 2026 11:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, null],
    [{ "retry-after-ms": "150", "retry-after": "1" }, 150],
    [{ "retry-after": "1", "x-ratelimit-reset-tokens": "9s" }, 1000],
    [{ "x-ratelimit-reset-requests": "12ms", "x-ratelimit-reset-tokens": "6m1.5s" }, 361_500],
    [{ "x-ratelimit-reset-requests": "1d2h" }, 93_600_000],
    [{ "x-ratelimit-reset": "3" }, 3000],
    [{ "x-ratelimit-reset": String(nowMs / 1000 + 4) }, 4000],
    [{ "x-ratelimit-reset": String(nowMs + 5) }, 5],
    [{ "x-ratelimit-reset": String(nowMs / 1000 - 4) }, 0],
    [{ "x-ratelimit-reset-tokens": "1 fortnight" }, null],
  ])("%j: %s", (headers, expected) => {
    expect(waitFor(headers as Record<string, string>)).toBe(expected);
  });
});
