import { describe, expect, test } from "vitest";
import { auditNames } from "../../src/dataset/audits/audits.ts";
import { cutsParams } from "../../src/dataset/split/cuts-task.ts";
import { defineHistoryMacros } from "../../src/dataset/split/history-macros.ts";
import { samplesSettings } from "../../src/dataset/settings.ts";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { answer, at, makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";
import { seededRandom } from "../util/seeded-random.ts";
import { bruteForceItemSide, bruteForceUserContexts } from "./brute-force-contexts.ts";
import { bruteForceSplit, cutsOf, type LogEvent, type Split } from "./brute-force-split.ts";

const memory = useMemoryDatabase();
const logsPerProtocol = 40;

/** Up to six users with up to 24 events each on four days, crowded into few seconds, so that ties abound. */
function randomLog(random: (below: number) => number): readonly LogEvent[] {
  const events = new Map<string, Omit<LogEvent, "fileRow">>();
  const users = 1 + random(6);
  const secondsADay = [3, 12, 80_000][random(3)] ?? 3;
  for (let user = 1; user <= users; user++) {
    for (let count = random(25); count > 0; count--) {
      const item = 1 + random(15);
      const second = random(4) * 86_400 + random(secondsADay);
      const rating = (1 + random(10)) / 2;
      events.set(`${user} ${item} ${second}`, { user, item, rating, second });
    }
  }
  const shuffled = [...events.values()]
    .map((event) => ({ event, place: random(1_000_000) }))
    .sort((a, b) => a.place - b.place);
  return shuffled.map(({ event }, fileRow) => ({ ...event, fileRow }));
}

/** Shares or dates, with or without a gap. */
function randomSplit(protocol: Split["protocol"], random: (below: number) => number): Split {
  const gap = [0, 0, 1, 5, 20_000][random(5)] ?? 0;
  const day = (): number => random(4 * 86_400);
  const [first, second] = [day(), day()].sort((a, b) => a - b);
  return {
    protocol,
    gapSeconds: protocol === "reference" ? 0 : gap,
    ...(protocol === "leakfree" && random(4) === 0 && { validFrom: first ?? 0 }),
    ...(protocol !== "reference" && random(4) === 0 && { testFrom: second ?? 0 }),
    contextRows: 1 + random(4),
    history: 1 + random(6),
    testPercent: 10 * (1 + random(4)),
    validPercent: protocol === "leakfree" ? 10 * (1 + random(3)) : 0,
  };
}

/** Every other history's logs have weights: an eighth of the place in the file. */
const isWeighted = ({ history }: Split): boolean => history % 2 === 0;

async function runSplit(log: readonly LogEvent[], split: Split): Promise<void> {
  const { protocol, contextRows: context_rows, history } = split;
  const test_share = split.testPercent / 100;
  const valid_share = split.validPercent / 100;
  await makeRunTable(
    memory.db,
    "interactions",
    log.map(({ user, item, rating, second, fileRow }) => ({
      user_id: user,
      item_id: item,
      rating,
      label: rating > 3 ? 1 : 0,
      ts: at(1, second),
      file_row: fileRow,
      ...(isWeighted(split) && { weight: fileRow / 8 }),
    })),
  );
  const create = (table: string, statement: string, values = {}): Promise<void> =>
    memory.db.run(`create or replace table ${table} as ${sqlFile(statement)}`, values);
  await defineHistoryMacros(memory.db, { protocol, history });
  if (protocol !== "reference") {
    const date = (second: number | undefined) =>
      second === undefined ? undefined : at(1, second).toISOString();
    const samples = samplesSettings.parse({
      testShare: test_share,
      ...(valid_share > 0 && { validShare: valid_share }),
      gap: `${split.gapSeconds}s`,
      validFrom: date(split.validFrom),
      testFrom: date(split.testFrom),
    });
    await create("cuts", "cuts/cuts", await cutsParams(memory.db, { protocol, samples }));
  }
  await memory.db.run(
    `create or replace table timeline as ${sqlFile(`timeline/${protocol}`)} order by user_id, rn`,
    { context_rows },
  );
  await create("samples", "samples/samples", { history, first_user: 1, last_user: 6 });
  await memory.db.run(
    "create or replace table items as select unnest(range(1, 16))::integer as item_id",
  );
  await create("user_contexts", "contexts/user_contexts");
  await create("candidates", "contexts/item_candidates", { seed: 1 });
  await create("item_contexts", "contexts/item_contexts", {
    history,
    first_item: 1,
    last_item: 15,
  });
  await create("user_stats", "stats/user_stats");
  await create("item_stats", "stats/item_stats");
}

function sideColumns(side: string, of: ReturnType<typeof bruteForceItemSide>) {
  return {
    [`${side}_id`]: of.user,
    [`${side}_ts`]: of.second === null ? null : at(1, of.second),
    [`${side}_items`]: of.items,
    [`${side}_ratings`]: of.ratings,
  };
}

describe.each(["leakfree", "paper", "reference"] as const)("%s on random logs", (protocol) => {
  test(`places, roles, histories and contexts of ${logsPerProtocol} logs are those of plain loops, and every audit passes`, async () => {
    const rolesSeen = new Set<string>();
    let [tiesSeen, refused, undisliked, singles] = [0, 0, 0, 0];
    for (let seed = 1; seed <= logsPerProtocol; seed++) {
      const random = seededRandom(seed);
      const log = randomLog(random);
      const split = randomSplit(protocol, random);
      const about = `seed ${seed}: ${JSON.stringify(split)}`;
      const { validFrom, validBefore } = cutsOf(log, split);
      if (protocol === "leakfree" && log.length > 0 && validFrom >= validBefore) {
        await expect(runSplit(log, split), about).rejects.toMatchObject({ code: "INPUT_INVALID" });
        refused++;
        continue;
      }
      await runSplit(log, split);

      const expected = bruteForceSplit(log, split);
      const timeline = await memory.db.rows(
        "select user_id, rn, file_row, role from timeline join interactions using (user_id, item_id, ts) order by user_id, rn",
      );
      expect(timeline, about).toEqual(
        expected.map(({ user, rn, fileRow, role }) => {
          return { user_id: user, rn, file_row: fileRow, role };
        }),
      );

      const scored = expected.filter(({ role }) => ["train", "valid", "test"].includes(role));
      const samples = await memory.db.rows(
        "select user_id, rn, columns('^(item_id|weight)$'), split, history_items, history_ratings from samples order by user_id, rn",
      );
      expect(samples, about).toEqual(
        scored.map(({ user, rn, item, fileRow, role, before }) => ({
          user_id: user,
          rn,
          item_id: item,
          ...(isWeighted(split) && { weight: fileRow / 8 }),
          split: role,
          history_items: before.map((event) => event.item),
          history_ratings: before.map((event) => event.rating),
        })),
      );

      const users = await memory.db.rows("select * from user_contexts order by user_id");
      expect(users, about).toEqual(
        bruteForceUserContexts(expected).map(({ user, lastSecond, items, ratings }) => ({
          user_id: user,
          last_ts: at(1, lastSecond),
          history_items: items,
          history_ratings: ratings,
        })),
      );
      const contexts = await memory.db.rows("select * from item_contexts order by item_id");
      expect(contexts, about).toEqual(
        Array.from({ length: 15 }, (_, index) => {
          const item_id = index + 1;
          const liker = bruteForceItemSide(expected, item_id, { isLiked: true, seed: 1 });
          const disliker = bruteForceItemSide(expected, item_id, { isLiked: false, seed: 1 });
          if (liker.user !== null && disliker.user === null) undisliked++;
          return {
            item_id,
            ...sideColumns("liker", liker),
            ...sideColumns("disliker", disliker),
          };
        }),
      );
      singles += new Set(expected.filter(({ rn }) => rn === 1).map(({ user }) => user)).size;
      singles -= new Set(expected.filter(({ rn }) => rn === 2).map(({ user }) => user)).size;

      for (const name of auditNames) {
        const params = sqlFile(`audits/${name}`).includes("$protocol") ? { protocol } : {};
        expect(await answer(memory.db, `audits/${name}`, params), `${name}, ${about}`).toEqual([]);
      }
      for (const { role } of expected) rolesSeen.add(role);
      tiesSeen += log.length - new Set(log.map(({ user, second }) => `${user} ${second}`)).size;
    }
    // The logs must exercise what they are for.
    const possible = { leakfree: 6, paper: 4, reference: 4 };
    expect(rolesSeen.size).toBe(possible[protocol]);
    expect(undisliked).toBeGreaterThan(10);
    expect(singles).toBeGreaterThan(0);
    expect(refused > 0).toBe(protocol === "leakfree");
    expect(refused).toBeLessThan(logsPerProtocol / 2);
    expect(tiesSeen).toBeGreaterThan(100);
  });
});
