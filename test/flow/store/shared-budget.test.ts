import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedBudget, type Spending } from "../../../src/flow/store/shared-budget.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

const nothing = { requests: 0, costUsd: 0 };
const one = { requests: 1, costUsd: 0 };

/** Takes parts until there are none; returns what they come to. */
async function takeAll(
  budget: ReturnType<typeof sharedBudget>,
  limit: Partial<Spending>,
  { before = nothing, least = one }: { before?: Spending; least?: Spending } = {},
): Promise<Spending & { readonly parts: number }> {
  const total = { requests: 0, costUsd: 0, parts: 0 };
  for (;;) {
    const { part } = await budget.take({ limit, before, least });
    if (part === null) return total;
    total.requests += part.requests;
    total.costUsd += part.costUsd;
    total.parts += 1;
  }
}

describe("sharedBudget", () => {
  test("of many processes at once, gives all of the limit and no more", async () => {
    const place = await scratchFolder();
    const before = { requests: 100, costUsd: 0 };
    const taken = await Promise.all(
      Array.from({ length: 6 }, () =>
        takeAll(sharedBudget({ place, stage: "s", share: 1 / 6 }), { requests: 350 }, { before }),
      ),
    );
    expect(taken.reduce((sum, { requests }) => sum + requests, 0)).toBe(250);
    expect(taken.reduce((sum, { parts }) => sum + parts, 0)).toBe(Math.ceil(250 / 8)); // 350 / 6 / 8
  });

  test("what had been spent before is what the first to take anything says", async () => {
    const place = await scratchFolder();
    const limit = { requests: 10 };
    const first = sharedBudget({ place, stage: "s", share: 1 });
    await first.take({ limit, before: { requests: 6, costUsd: 0 }, least: one });
    const second = sharedBudget({ place, stage: "s", share: 1 });
    const { taken } = await second.take({ limit, before: { requests: 9, costUsd: 0 }, least: one });
    expect(taken).toEqual({ requests: 6 + 2 + 2, costUsd: 0 });
    expect((await second.take({ limit, before: nothing, least: one })).part).toBeNull();
  });

  test("what a process gives back, others take", async () => {
    const place = await scratchFolder();
    const limit = { costUsd: 8 };
    const least = { requests: 1, costUsd: 0.25 };
    const first = sharedBudget({ place, stage: "s", share: 0.5 });
    expect(await takeAll(first, limit, { least })).toMatchObject({ costUsd: 8, parts: 16 });
    const second = sharedBudget({ place, stage: "s", share: 0.5 });
    expect((await second.take({ limit, before: nothing, least })).part).toBeNull();
    await first.settle({ requests: 3, costUsd: 6.5 });
    expect(await takeAll(second, limit, { least })).toMatchObject({ costUsd: 1.5, parts: 3 });
  });

  test("a part is of use, or is not given", async () => {
    const place = await scratchFolder();
    const limit = { costUsd: 1, requests: 100 };
    const budget = sharedBudget({ place, stage: "s", share: 0.1 });
    const least = { requests: 1, costUsd: 0.4 };
    expect(await takeAll(budget, limit, { least })).toEqual({
      ...{ requests: 4, costUsd: 0.8, parts: 2 },
    });
  });

  test("stages do not share, and a process that took nothing has nothing to give back", async () => {
    const place = await scratchFolder();
    const limit = { requests: 5 };
    await takeAll(sharedBudget({ place, stage: "s", share: 1 }), limit);
    const other = sharedBudget({ place, stage: "t", share: 1 });
    await other.settle({ requests: 1000, costUsd: 0 });
    expect(await takeAll(other, limit)).toMatchObject({ requests: 5 });
  });

  test("a damaged entry is named, with the cure", async () => {
    const place = await scratchFolder();
    await mkdir(join(place, "jobs", "s", "budget"), { recursive: true });
    await writeFile(join(place, "jobs", "s", "budget", "000000.json"), "{");
    const budget = sharedBudget({ place, stage: "s", share: 1 });
    await expect(budget.take({ limit: one, before: nothing, least: one })).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringMatching(
        /jobs\/s\/budget\/000000\.json is damaged\. Stop the jobs of this run, delete jobs\/s\/budget\/ there/,
      ) as string,
    });
  });
});
