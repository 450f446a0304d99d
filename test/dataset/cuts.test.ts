import { describe, expect, test } from "vitest";
import { cutsParams } from "../../src/dataset/split/cuts-task.ts";
import { instantAtRank } from "../../src/dataset/split/instant-at-rank.ts";
import { protocolSetting, samplesSettings } from "../../src/dataset/settings.ts";
import { parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { answer, at, makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";
import { seededRandom } from "../util/seeded-random.ts";

const memory = useMemoryDatabase();

/** Interactions at these seconds of the first of January 2000. */
function makeInteractions(seconds: readonly number[]): Promise<void> {
  return makeRunTable(
    memory.db,
    "interactions",
    seconds.map((second, item_id) => ({ user_id: 1, item_id, ts: at(1, second) })),
  );
}

/** The row of `cuts` for interactions that are there. */
async function cuts(protocol: string, settings: object) {
  const params = await cutsParams(memory.db, {
    protocol: protocolSetting.parse(protocol),
    samples: samplesSettings.parse(settings),
  });
  const [row] = await memory.db.rows(sqlFile("cuts/cuts"), params);
  return row;
}

/** So many microseconds after a second of the first of January, as DuckDB prints it. */
const printed = async (column: string) => {
  const params = await cutsParams(memory.db, {
    protocol: "leakfree",
    samples: samplesSettings.parse({}),
  });
  const [row] = await memory.db.rows(
    `select ${column}::varchar as text from (${sqlFile("cuts/cuts")})`,
    params,
  );
  return row?.["text"];
};

describe("cuts/span and cuts/slot_at_rank", () => {
  test("count events, all of them and until an instant, and find the slot of a rank", async () => {
    await makeInteractions([1, 2, 2, 5, 9]);
    const us = (second: number): string => String(+at(1, second) * 1000);
    expect(await answer(memory.db, "cuts/span", { until_us: us(2) })).toEqual([
      { events: 5, first_us: +at(1, 1) * 1000, last_us: +at(1, 9) * 1000, events_until: 3 },
    ]);
    const slots = { from_us: us(1), until_us: us(8), width_us: "2000000" };
    const found = [];
    for (const rank of [1, 3, 4, 5]) {
      found.push(...(await answer(memory.db, "cuts/slot_at_rank", { ...slots, rank })));
    }
    expect(found).toEqual([
      { slot: 0, events: 3, events_before: 0 }, // seconds 1 and 2
      { slot: 0, events: 3, events_before: 0 },
      { slot: 2, events: 1, events_before: 3 }, // second 5; second 9 lies past the stretch
    ]);
    const nth = { from_us: us(2), until_us: us(9) };
    expect(await answer(memory.db, "cuts/nth_instant", { ...nth, rank: 3 })).toEqual([
      { instant_us: +at(1, 5) * 1000 },
    ]);
  });
});

describe("instantAtRank", () => {
  test("finds the instant that has the rank, in spans from microseconds to millennia", async () => {
    const random = seededRandom(7);
    for (const spanUs of [1n, 5n, 65_536n, 65_537n, 86_400_000_000n, 30_000_000_000_000_000n]) {
      const events = 1 + random(200);
      const times = Array.from(
        { length: events },
        () => (BigInt(random(1_000_000)) * spanUs) / 999_999n,
      );
      await memory.db.run(
        `create or replace table interactions as select make_timestamp(unnest([${times.join(", ")}])::bigint) as ts`,
      );
      const sorted = times.toSorted((a, b) => (a < b ? -1 : 1));
      const [first = 0n, last = 0n] = [sorted[0], sorted.at(-1)];
      const span = { fromUs: first, untilUs: last };
      for (const rank of [1, Math.ceil(events / 2), Math.ceil(events * 0.7), events]) {
        expect(await instantAtRank(memory.db, span, rank), `rank ${rank} of ${events}`).toBe(
          sorted[rank - 1],
        );
      }
    }
  });
});

test("instantAtRank looks closer where events crowd", async () => {
  // Three million events, all but two of them within three microseconds.
  await memory.db.run(
    `create or replace table interactions as
     select make_timestamp(case i when 0 then 0 when 1 then 10_000_000_000_000 else 5_000_000_000 + i % 3 end::bigint) as ts
     from range(3_000_000) as numbers (i)`,
  );
  const span = { fromUs: 0n, untilUs: 10_000_000_000_000n };
  const at = (rank: number) => instantAtRank(memory.db, span, rank);
  // 999,999 of the crowd have i % 3 = 0, then 999,999 have 1, then a million 2.
  expect([await at(1), await at(2), await at(1_000_000)]).toEqual([
    0n,
    5_000_000_000n,
    5_000_000_000n,
  ]);
  expect([await at(1_000_001), await at(1_999_999)]).toEqual([5_000_000_001n, 5_000_000_001n]);
  expect([await at(2_000_000), await at(3_000_000)]).toEqual([5_000_000_002n, 10_000_000_000_000n]);
});

describe("cuts by share", () => {
  test("lie behind the last instant of the earlier part; a microsecond later the next begins", async () => {
    await makeInteractions([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await cuts("leakfree", {})).toMatchObject({
      train_until: at(1, 7),
      valid_until: at(1, 8),
    });
    expect(await printed("valid_from")).toBe("2000-01-01 00:00:07.000001");
    expect(await printed("test_from")).toBe("2000-01-01 00:00:08.000001");
  });

  test("paper has no validation", async () => {
    await makeInteractions([1, 2, 3, 4, 5]);
    expect(await cuts("paper", {})).toMatchObject({
      ...{ train_until: at(1, 4), valid_from: null, valid_until: null },
    });
  });

  test("a gap follows each cut", async () => {
    await makeInteractions([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((hour) => hour * 3600));
    expect(await cuts("leakfree", { validShare: 0.3, gap: "2h" })).toMatchObject({
      ...{ train_until: at(1, 4 * 3600), valid_until: at(1, 7 * 3600) },
    });
    const params = await cutsParams(memory.db, {
      protocol: "leakfree",
      samples: samplesSettings.parse({ validShare: 0.3, gap: "2h" }),
    });
    expect(BigInt(String(params["valid_from"]))).toBe(BigInt(+at(1, 6 * 3600)) * 1000n + 1n);
    expect(BigInt(String(params["test_from"]))).toBe(BigInt(+at(1, 9 * 3600)) * 1000n + 1n);
  });

  test("are null where there are no interactions", async () => {
    await makeInteractions([]);
    expect(await cuts("leakfree", {})).toEqual({
      ...{ train_until: null, valid_from: null, valid_until: null, test_from: null },
    });
  });
});

describe("cuts by date", () => {
  test("are the first instants of valid and test; a gap precedes them", async () => {
    await makeInteractions([1, 2, 3]);
    const dates = { validFrom: "2000-02-01", testFrom: "2000-03-01T12:00:00+01:00" };
    expect(await cuts("leakfree", dates)).toMatchObject({
      valid_from: new Date("2000-02-01T00:00:00Z"),
      test_from: new Date("2000-03-01T11:00:00Z"),
    });
    const params = await cutsParams(memory.db, {
      protocol: "leakfree",
      samples: samplesSettings.parse({ ...dates, gap: "1d" }),
    });
    const us = (text: string): string => String(BigInt(Date.parse(text)) * 1000n - 1n);
    expect(params["train_until"]).toBe(us("2000-01-31T00:00:00Z"));
    expect(params["valid_until"]).toBe(us("2000-02-29T11:00:00Z"));
  });

  test("with a date for test alone, valid is the share of all just before it", async () => {
    await makeInteractions([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // Eight rows lie before second 9; a fifth of ten are the last two of them.
    const dates = { testFrom: "2000-01-01T00:00:09Z", validShare: 0.2 };
    expect(await cuts("leakfree", dates)).toMatchObject({
      train_until: at(1, 6),
      test_from: at(1, 9),
    });
  });

  test("that leave no time for validation are refused", async () => {
    await makeInteractions([1, 2, 3]);
    const dates = { validFrom: "2000-02-01", testFrom: "2000-02-02", gap: "1d" };
    await expect(cuts("leakfree", dates)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message:
        "no time is left for validation: it would start at 2000-02-01T00:00:00.000Z and end at 2000-01-31T23:59:59.999Z. " +
        "Check samples.validFrom, samples.testFrom, samples.gap.",
    });
  });
});

describe("settings that contradict each other", () => {
  test.each([
    ["reference", { gap: "1d" }, /samples.gap: .*reference takes no gap/],
    ["reference", { testFrom: "2000-01-01" }, /samples.testFrom: .*reference takes no date/],
    ["paper", { validFrom: "2000-01-01" }, /samples.validFrom: .*paper has no validation rows/],
    ["leakfree", { testFrom: "2000-01-01", testShare: 0.3 }, /testFrom and samples.testShare both/],
    ["leakfree", { validFrom: "2000-01-01", validShare: 0.3 }, /validFrom and samples.validShare/],
    ["leakfree", { validFrom: "2000-01-02", testFrom: "2000-01-02" }, /must lie before/],
    ["leakfree", { testFrom: "January" }, /a date such as 2019-03-01/],
    ["leakfree", { gap: "a week" }, /a whole number with its unit/],
  ])("%s with %j", (protocol, samples, message) => {
    const text = JSON.stringify({ protocol, samples });
    expect(() => parsePipeline(text, "p.yaml")).toThrow(message);
  });
});
