import { describe, expect, test } from "vitest";
import { createDepartures, type UnderWay } from "../../../src/llm/cache/departures.ts";
import { seededRandom } from "../../util/seeded-random.ts";

function setUp() {
  const marks: UnderWay[] = [];
  const departures = createDepartures((mark) => {
    marks.push(mark);
    return Promise.resolve();
  });
  return { marks, departures };
}

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe("createDepartures", () => {
  test("notes every rise, nothing while as many come as go, and the end", async () => {
    const { marks, departures } = setUp();
    let accounts = await Promise.all([1, 2, 3].map(() => departures.depart(0.5)));
    expect(marks).toEqual([1, 2, 3].map((requests) => ({ requests, costUsd: requests / 2 })));
    for (let round = 0; round < 100; round += 1) {
      accounts[0]?.();
      accounts = [...accounts.slice(1), await departures.depart(0.5)];
      await turn();
    }
    expect(marks).toHaveLength(3);
    for (const account of accounts) account();
    await turn();
    expect(marks.slice(3)).toEqual([{ requests: 0, costUsd: 0 }]);
  });

  test("notes a dearer request among as many, and half as many as before", async () => {
    const { marks, departures } = setUp();
    const accounts = [];
    for (let n = 0; n < 20; n += 1) accounts.push(await departures.depart(1));
    accounts.pop()?.();
    accounts.push(await departures.depart(4));
    expect(marks.at(-1)).toEqual({ requests: 20, costUsd: 23 });
    for (const account of accounts.splice(0, 10)) account();
    await turn();
    expect(marks.at(-1)).toEqual({ requests: 10, costUsd: 13 });
    for (const account of accounts.splice(0, 1)) account();
    accounts[0]?.();
    accounts[0]?.();
    await turn();
    expect(marks.at(-1)).toEqual({ requests: 10, costUsd: 13 });
    await departures.close();
    expect(marks.at(-1)).toEqual({ requests: 8, costUsd: 11 });
  });

  test("sends nothing before its mark is noted, and forgets a request whose mark is not", async () => {
    let write: () => void = () => undefined;
    let isFailing = false;
    const departures = createDepartures(() =>
      isFailing
        ? Promise.reject(new Error("no room"))
        : new Promise((resolve) => {
            write = resolve;
          }),
    );
    const sent: string[] = [];
    const first = departures.depart(2).then(() => sent.push("first"));
    await turn();
    expect(sent).toEqual([]);
    write();
    await first;
    isFailing = true;
    await expect(departures.depart(2)).rejects.toThrow("no room");
    isFailing = false;
    const closed = departures.close();
    write();
    await closed;
  });

  test.each([1, 2, 3])("never has more under way than is noted (seed %d)", async (seed) => {
    const random = seededRandom(seed);
    const { marks, departures } = setUp();
    const open: { readonly account: () => void; readonly costUsd: number }[] = [];
    for (let step = 0; step < 2000; step += 1) {
      const isRising = Math.floor(step / 200) % 2 === 0;
      if (random(100) < (isRising ? 70 : 30)) {
        const costUsd = 1 + random(5);
        open.push({ account: await departures.depart(costUsd), costUsd });
      } else {
        open.splice(random(Math.max(1, open.length)), 1)[0]?.account();
      }
      if (random(5) === 0) await turn();
      const mark = marks.at(-1) ?? { requests: 0, costUsd: 0 };
      expect(mark.requests).toBeGreaterThanOrEqual(open.length);
      expect(mark.costUsd).toBeGreaterThanOrEqual(open.reduce((sum, one) => sum + one.costUsd, 0));
    }
    expect(marks.length).toBeLessThan(1000);
  });
});
