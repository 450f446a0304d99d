import { describe, expect, test } from "vitest";
import { affordableRequests } from "../../../src/llm/batch/affordable-requests.ts";

const request = (key: string, mostCostUsd: number | null = 0.1) => ({ key, mostCostUsd });
const three = [request("a"), request("b"), request("c")];
const nothing = { requests: 0, costUsd: 0 };
const keys = (requests: readonly { readonly key: string }[]): string =>
  requests.map(({ key }) => key).join("");

describe("affordableRequests", () => {
  test("without a limit takes all", () => {
    expect(affordableRequests(three, { budget: {}, spent: nothing, open: [] })).toEqual(three);
  });

  test("counts what is spent and what is under way, at its highest cost", () => {
    const budget = { maxCostUsd: 0.4 };
    const spent = { requests: 1, costUsd: 0.1 };
    expect(keys(affordableRequests(three, { budget, spent, open: [] }))).toBe("abc");
    expect(keys(affordableRequests(three, { budget, spent, open: [request("x")] }))).toBe("ab");
    const most = { maxRequests: 4 };
    expect(keys(affordableRequests(three, { budget: most, spent, open: [request("x")] }))).toBe(
      "ab",
    );
  });

  test("takes nothing while that which is under way has all the room", () => {
    const open = [request("x", 0.4)];
    expect(
      affordableRequests(three, { budget: { maxCostUsd: 0.4 }, spent: nothing, open }),
    ).toEqual([]);
  });

  test("a request without a price costs nothing", () => {
    const free = [request("a", null), request("b", null)];
    const budget = { maxCostUsd: 0.01 };
    expect(affordableRequests(free, { budget, spent: nothing, open: [] })).toEqual(free);
  });

  test("says that the budget is spent when there is no room and nothing under way", () => {
    const budget = { maxCostUsd: 0.15, maxRequests: 9 };
    const spent = { requests: 2, costUsd: 0.1 };
    expect(() => affordableRequests(three, { budget, spent, open: [] })).toThrow(
      expect.objectContaining({
        code: "BUDGET_SPENT",
        message: expect.stringMatching(
          /2 of knowledge.budget.maxRequests = 9 requests and US\$ 0.10 of knowledge.budget.maxCostUsd = 0.15 \(the next request may cost 0.10\).*3 requests wait/,
        ) as string,
      }) as Error,
    );
    expect(affordableRequests([], { budget, spent, open: [] })).toEqual([]);
  });
});
