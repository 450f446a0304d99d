import { describe, expect, test } from "vitest";
import { createAbortGroups } from "../../../src/llm/ask/abort-groups.ts";
import { createBudgetGate } from "../../../src/llm/ask/budget-gate.ts";
import type { Budget } from "../../../src/llm/settings.ts";

function gateOf(budget: Budget, requests = 0, costUsd = 0) {
  const spent = { requests, costUsd };
  const gate = createBudgetGate({ budget, spent: () => spent, groups: createAbortGroups() });
  const controller = new AbortController();
  const log: string[] = [];
  /** Asks for one request and notes under its name what comes of it. */
  const ask = async (name: string, mostUsd: number | null = null) => {
    try {
      const { release } = await gate.reserve(mostUsd, controller.signal);
      log.push(`${name} goes`);
      return (paidUsd: number | null) => {
        if (paidUsd !== null) {
          spent.requests += 1;
          spent.costUsd += paidUsd;
        }
        release();
      };
    } catch (thrown) {
      log.push(`${name} ${thrown instanceof Error ? thrown.message.slice(0, 19) : "stops"}`);
      return () => undefined;
    }
  };
  return { ask, log, controller, spent };
}

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe("createBudgetGate", () => {
  test("lets everything through where nothing is limited", async () => {
    const { ask, log } = gateOf({});
    await Promise.all([ask("a", 1e9), ask("b", null)]);
    expect(log).toEqual(["a goes", "b goes"]);
  });

  test("counts requests under way: the third of two waits, and is refused once both are paid", async () => {
    const { ask, log } = gateOf({ maxRequests: 2 });
    const [a, b] = await Promise.all([ask("a"), ask("b")]);
    const c = ask("c");
    await turn();
    a(0);
    await turn();
    expect(log).toEqual(["a goes", "b goes"]);
    b(0);
    await c;
    expect(log).toEqual(["a goes", "b goes", "c The budget is spent"]);
  });

  test("passes the place of a request that came to nothing on to the first who waits", async () => {
    const { ask, log } = gateOf({ maxRequests: 1 });
    const a = await ask("a");
    const waiting = [ask("b"), ask("c")];
    a(null);
    const b = await waiting[0];
    await turn();
    expect(log).toEqual(["a goes", "b goes"]);
    b?.(0);
    await waiting[1];
    expect(log).toEqual(["a goes", "b goes", "c The budget is spent"]);
  });

  test("never lets the highest costs under way exceed what is left", async () => {
    const { ask, log, spent } = gateOf({ maxCostUsd: 1 }, 7, 0.25);
    const a = await ask("a", 0.5);
    const b = ask("b", 0.5);
    await turn();
    expect(log).toEqual(["a goes"]);
    a(0.125);
    (await b)(0.125);
    // 0.5 of 1 is spent: one more of 0.5 fits to the cent, then none does.
    (await ask("c", 0.5))(0.375);
    await ask("d", 0.5);
    expect(log).toEqual(["a goes", "b goes", "c goes", "d The budget is spent"]);
    expect(spent).toEqual({ requests: 10, costUsd: 0.875 });
  });

  test("refuses everything from the first refusal on", async () => {
    const { ask, log } = gateOf({ maxCostUsd: 1 }, 0, 0.9);
    await ask("a", 0.5);
    await ask("b", 0.01);
    expect(log).toEqual(["a The budget is spent", "b The budget is spent"]);
  });

  test("says what was spent of what, and the cure", () => {
    const gate = createBudgetGate({
      budget: { maxRequests: 3, maxCostUsd: 2 },
      spent: () => ({ requests: 3, costUsd: 1.5 }),
      groups: createAbortGroups(),
    });
    expect(() => gate.reserve(0.001, new AbortController().signal)).toThrow(
      expect.objectContaining({
        code: "BUDGET_SPENT",
        message:
          "The budget is spent: 3 of knowledge.budget.maxRequests = 3 requests and US$ 1.50 of knowledge.budget.maxCostUsd = 2 " +
          "(the next request may cost 0.001000). Every answer is kept: raise knowledge.budget and run again to continue.",
      }),
    );
  });

  test("says how many of the requests a killed run had under way", () => {
    const gate = createBudgetGate({
      budget: { maxRequests: 9 },
      spent: () => ({ requests: 9, costUsd: 0 }),
      lost: () => ({ requests: 5 }),
      groups: createAbortGroups(),
    });
    expect(() => gate.reserve(null, new AbortController().signal)).toThrow(
      "9 of knowledge.budget.maxRequests = 9 requests, with up to 5 requests that were under way when the run was killed, at " +
        "their highest cost. Every answer is kept",
    );
  });

  test("lets go of whoever waits on an abort, and of nobody else's place", async () => {
    const { ask, log, controller } = gateOf({ maxRequests: 1 });
    const a = await ask("a");
    const b = ask("b");
    controller.abort(new Error("stopped"));
    await b;
    expect(log).toEqual(["a goes", "b stopped"]);
    a(0);
  });

  test("renews a reservation ahead of those who wait, and only while there is room", async () => {
    const spent = { requests: 0, costUsd: 0 };
    const groups = createAbortGroups();
    const gate = createBudgetGate({ budget: { maxRequests: 2 }, spent: () => spent, groups });
    const { signal } = new AbortController();
    const first = await gate.reserve(null, signal);
    const other = await gate.reserve(null, signal);
    const waiting = Promise.resolve(gate.reserve(null, signal));
    other.release();
    const next = await waiting;
    next.release();
    spent.requests = 1;
    expect(first.renew()).toBe(true);
    spent.requests = 2;
    expect(first.renew()).toBe(false);
    first.release();
    first.release();
    expect(() => gate.reserve(null, signal)).toThrow("The budget is spent: 2 of");
  });

  describe("of a budget that others spend too", () => {
    type Parts = NonNullable<Parameters<typeof createBudgetGate>[0]["parts"]>;
    const before = { requests: 10, costUsd: 1 };

    function gateOn(take: Parts["take"]) {
      const spent = { ...before };
      const parts = { take, settle: () => Promise.resolve() };
      const options = { spent: () => spent, groups: createAbortGroups(), parts };
      const budget = { maxRequests: 100, maxCostUsd: 9 };
      return { spent, gate: createBudgetGate({ ...options, budget }) };
    }

    test("takes a part when it needs one, and the next when that is spent", async () => {
      const wants: Parameters<Parts["take"]>[0][] = [];
      const { spent, gate } = gateOn((want) => {
        wants.push(want);
        return Promise.resolve({ part: { requests: 2, costUsd: 2 }, taken: before });
      });
      const { signal } = new AbortController();
      const [a, b] = await Promise.all([gate.reserve(0.5, signal), gate.reserve(0.5, signal)]);
      expect(wants).toEqual([
        {
          limit: { requests: 100, costUsd: 9 },
          ...{ before, least: { requests: 1, costUsd: 0.5 } },
        },
      ]);
      spent.requests += 2;
      spent.costUsd += 1;
      a.release();
      b.release();
      await gate.reserve(0.25, signal);
      expect(wants.slice(1)).toMatchObject([{ before, least: { requests: 1, costUsd: 0.25 } }]);
    });

    test("is spent once no part is left and nothing is under way, and says by whom", async () => {
      let left = 1;
      const { spent, gate } = gateOn(() =>
        Promise.resolve({
          part: left-- > 0 ? { requests: 1, costUsd: 5 } : null,
          taken: { requests: 99, costUsd: 8.5 },
        }),
      );
      const { signal } = new AbortController();
      const a = await gate.reserve(1, signal);
      const b = Promise.resolve(gate.reserve(1, signal));
      const isSettled = await Promise.race([b.then(() => true), turn().then(() => false)]);
      expect(isSettled).toBe(false);
      spent.requests += 1;
      a.release();
      await expect(b).rejects.toMatchObject({
        code: "BUDGET_SPENT",
        message: expect.stringMatching(
          /^The budget is spent: 99 of knowledge\.budget\.maxRequests = 100 requests and US\$ 8\.50 of .*, with what jobs hold that are at work or were killed\. Every/,
        ) as string,
      });
    });

    test("fails those who wait when it is out of reach, and is asked again by the next", async () => {
      let isThere = false;
      const { gate } = gateOn(() =>
        isThere
          ? Promise.resolve({ part: { requests: 1, costUsd: 1 }, taken: before })
          : Promise.reject(new Error("no store")),
      );
      const { signal } = new AbortController();
      const waiting = [gate.reserve(0, signal), gate.reserve(0, signal)];
      for (const one of waiting) await expect(one).rejects.toThrow("no store");
      isThere = true;
      (await gate.reserve(0, signal)).release();
    });
  });
});
