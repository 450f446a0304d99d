import { beforeEach, describe, expect, test } from "vitest";
import { answer, at, makeRunTable, type Cell } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();
const protocols = ["leakfree", "paper", "reference"] as const;
type Protocol = (typeof protocols)[number];
type Row = Readonly<Record<string, Cell>>;

const audit = (name: string, protocol: Protocol) =>
  answer(memory.db, `audits/${name}`, { protocol });

const make = (table: string, ...rows: readonly Row[]): Promise<void> =>
  makeRunTable(memory.db, table, rows);

/** An interaction of user 1 with a rating of 4 stars, where not said otherwise. */
const event = (row: Row): Row => ({ user_id: 1, rating: 4, label: 1, ...row });
const sample = (row: Row): Row =>
  event({ rn: 3, split: "train", history_items: [], history_ratings: [], ...row });

/**
 * An event beside one at second 100 of day 5: the protocols that let it count as "before".
 * leakfree wants an earlier instant, paper no later one, reference no later day.
 */
const neighbours: readonly { when: string; ts: Date; allowed: readonly Protocol[] }[] = [
  { when: "a second earlier", ts: at(5, 99), allowed: ["leakfree", "paper", "reference"] },
  { when: "in the same second", ts: at(5, 100), allowed: ["paper", "reference"] },
  { when: "later on the same day", ts: at(5, 86_399), allowed: ["reference"] },
  { when: "in the first second of the next day", ts: at(6, 0), allowed: [] },
];
const now = at(5, 100);
const cases = neighbours.flatMap((neighbour) =>
  protocols.map((protocol) => {
    const isAllowed = neighbour.allowed.includes(protocol);
    return { ...neighbour, protocol, isAllowed, verdict: isAllowed ? "allows" : "returns" };
  }),
);

describe("audits/history_before_row", () => {
  const makeTables = async (historyTs: Date, shown: Row = {}): Promise<void> => {
    await make(
      "interactions",
      event({ item_id: 10, ts: at(1) }),
      event({ item_id: 20, ts: historyTs }),
      event({ item_id: 30, ts: now }),
      event({ user_id: 2, item_id: 20, ts: at(1) }), // another user's event proves nothing
    );
    const history = { history_items: [10, 20], history_ratings: [4, 4] };
    await make("samples", sample({ item_id: 30, ts: now, ...history, ...shown }));
  };

  test.each(cases)("$protocol $verdict an event $when", async ({ ts, protocol, isAllowed }) => {
    await makeTables(ts);
    const found = { user_id: 1, rn: 3, item_id: 20, ts: now, event_ts: ts };
    expect(await audit("history_before_row", protocol)).toEqual(isAllowed ? [] : [found]);
  });

  test.each(protocols)("%s returns an event that never happened", async (protocol) => {
    await makeTables(at(2), { history_items: [10, 99] });
    expect(await audit("history_before_row", protocol)).toEqual([
      { user_id: 1, rn: 3, item_id: 99, ts: now, event_ts: null },
    ]);
  });

  test.each(protocols)("%s returns an event shown with another rating", async (protocol) => {
    await makeTables(at(2), { history_ratings: [4, 5] });
    expect(await audit("history_before_row", protocol)).toEqual([
      { user_id: 1, rn: 3, item_id: 20, ts: now, event_ts: null },
    ]);
  });

  test.each(protocols)("%s allows an empty history", async (protocol) => {
    await makeTables(at(9), { history_items: [], history_ratings: [] });
    expect(await audit("history_before_row", protocol)).toEqual([]);
  });
});

describe("audits/splits_in_time_order", () => {
  const makeSplits = (train: Date, valid: Date, test: Date): Promise<void> =>
    make(
      "samples",
      sample({ rn: 1, item_id: 10, split: "train", ts: at(1) }),
      sample({ rn: 2, item_id: 20, split: "train", ts: train }),
      sample({ rn: 3, item_id: 30, split: "valid", ts: valid }),
      sample({ rn: 4, item_id: 40, split: "test", ts: test }),
      sample({ rn: 5, item_id: 50, split: "test", ts: at(20) }),
    );

  test.each(protocols)("%s allows splits that follow each other", async (protocol) => {
    await makeSplits(at(5, 1), at(5, 2), at(5, 3));
    expect(await audit("splits_in_time_order", protocol)).toEqual([]);
  });

  test.each(["leakfree", "paper"] as const)(
    "%s returns train and valid that share an instant",
    async (protocol) => {
      await makeSplits(at(5), at(5), at(6));
      expect(await audit("splits_in_time_order", protocol)).toEqual([
        { early_split: "train", late_split: "valid", last_ts: at(5), first_ts: at(5) },
      ]);
    },
  );

  test.each(["leakfree", "paper"] as const)("%s returns valid behind test", async (protocol) => {
    await makeSplits(at(5), at(7), at(6));
    expect(await audit("splits_in_time_order", protocol)).toEqual([
      { early_split: "valid", late_split: "test", last_ts: at(7), first_ts: at(6) },
    ]);
  });

  test.each(["leakfree", "paper"] as const)("%s returns train behind test", async (protocol) => {
    await make(
      "samples",
      sample({ rn: 2, item_id: 20, split: "train", ts: at(6) }),
      sample({ rn: 4, item_id: 40, split: "test", ts: at(6) }),
    );
    expect(await audit("splits_in_time_order", protocol)).toEqual([
      { early_split: "train", late_split: "test", last_ts: at(6), first_ts: at(6) },
    ]);
  });

  test("reference splits each user apart and has no such order", async () => {
    await makeSplits(at(9), at(5), at(6));
    expect(await audit("splits_in_time_order", "reference")).toEqual([]);
  });
});

describe("audits/user_context_before_samples", () => {
  const makeContext = (last_ts: Date): Promise<void> =>
    make("user_contexts", {
      user_id: 1,
      last_ts,
      history_items: [10, 20],
      history_ratings: [4, 4],
    });

  test.each(cases)(
    "$protocol $verdict a context whose last event lies $when",
    async ({ ts, protocol, isAllowed }) => {
      await makeContext(ts);
      await make(
        "samples",
        sample({ item_id: 30, ts: now }),
        sample({ rn: 4, item_id: 40, ts: at(9) }),
        sample({ user_id: 2, item_id: 30, ts: at(1) }), // has no context
      );
      const found = { user_id: 1, rn: 3, ts: now, last_ts: ts };
      expect(await audit("user_context_before_samples", protocol)).toEqual(
        isAllowed ? [] : [found],
      );
    },
  );

  test.each(protocols)("%s returns a sample that is a row of the context", async (protocol) => {
    await makeContext(at(1));
    await make(
      "samples",
      sample({ rn: 2, item_id: 20, ts: now }),
      sample({ item_id: 30, ts: now }),
    );
    expect(await audit("user_context_before_samples", protocol)).toEqual([
      { user_id: 1, rn: 2, ts: now, last_ts: at(1) },
    ]);
  });
});

const emptySides = {
  liker_items: [],
  liker_ratings: [],
  disliker_items: [],
  disliker_ratings: [],
} as const;
const sides = ["liker", "disliker"] as const;

describe("audits/item_context_from_train", () => {
  beforeEach(async () => {
    await make(
      "samples",
      sample({ user_id: 1, item_id: 90, ts: at(1), label: 1 }),
      sample({ user_id: 2, item_id: 90, ts: at(2), label: 0 }),
      sample({ user_id: 3, item_id: 90, ts: at(3), label: 1, split: "test" }),
      sample({ user_id: 4, item_id: 90, ts: at(4), label: 0, split: "valid" }),
    );
  });

  const shown = (row: Row): Promise<void> =>
    make("item_contexts", { item_id: 90, ...emptySides, ...row });
  const from = () => answer(memory.db, "audits/item_context_from_train");

  test("allows training rows, and items that nobody rated", async () => {
    await make(
      "item_contexts",
      {
        item_id: 90,
        ...emptySides,
        liker_id: 1,
        liker_ts: at(1),
        disliker_id: 2,
        disliker_ts: at(2),
      },
      { item_id: 91, ...emptySides },
    );
    expect(await from()).toEqual([]);
  });

  test.each([
    { what: "a test row as liker", pivot: { liker_id: 3, liker_ts: at(3) } },
    { what: "a validation row as disliker", pivot: { disliker_id: 4, disliker_ts: at(4) } },
    { what: "a liker who disliked it", pivot: { liker_id: 2, liker_ts: at(2) } },
    { what: "a disliker who liked it", pivot: { disliker_id: 1, disliker_ts: at(1) } },
    { what: "a training row at another time", pivot: { liker_id: 1, liker_ts: at(2) } },
    { what: "somebody who never rated it", pivot: { disliker_id: 9, disliker_ts: at(1) } },
  ])("returns $what", async ({ pivot }) => {
    await shown(pivot);
    const [user_id, ts] = Object.values(pivot);
    const label = "liker_id" in pivot ? 1 : 0;
    expect(await from()).toEqual([{ item_id: 90, user_id, ts, label }]);
  });
});

describe("audits/item_context_history_before", () => {
  const shown = (side: string, items: readonly number[], ratings: readonly number[]) =>
    make("item_contexts", {
      item_id: 90,
      ...emptySides,
      [`${side}_id`]: 1,
      [`${side}_ts`]: now,
      [`${side}_items`]: items,
      [`${side}_ratings`]: ratings,
    });

  describe.each(sides)("shown with the %s", (side) => {
    test.each(cases)("$protocol $verdict an event $when", async ({ ts, protocol, isAllowed }) => {
      await make(
        "interactions",
        event({ item_id: 10, ts: at(1) }),
        event({ item_id: 20, ts }),
        event({ item_id: 90, ts: now }),
      );
      await shown(side, [10, 20], [4, 4]);
      const found = { user_id: 1, item_id: 20, ts: now, event_ts: ts };
      expect(await audit("item_context_history_before", protocol)).toEqual(
        isAllowed ? [] : [found],
      );
    });

    test.each(protocols)("%s returns an event that never happened", async (protocol) => {
      await make("interactions", event({ item_id: 10, ts: at(1) }));
      await shown(side, [10, 20], [3, 4]);
      expect(await audit("item_context_history_before", protocol)).toEqual([
        { user_id: 1, item_id: 10, ts: now, event_ts: null },
        { user_id: 1, item_id: 20, ts: now, event_ts: null },
      ]);
    });
  });
});

describe("audits/context_labels_not_scored", () => {
  /** The three places a context shows events in, here two events of user 1 until second 100 of day 5. */
  const places = ["user_contexts", ...sides] as const;
  const show = async (...shownIn: readonly (typeof places)[number][]): Promise<void> => {
    const lists = (prefix: string): Row => ({
      [`${prefix}_items`]: [10, 20],
      [`${prefix}_ratings`]: [4, 4],
    });
    const user = { user_id: 1, last_ts: now, ...lists("history") };
    await make("user_contexts", ...(shownIn.includes("user_contexts") ? [user] : []));
    const shownSides = sides.filter((side) => shownIn.includes(side));
    const cells = shownSides.flatMap((side) =>
      Object.entries({ ...lists(side), [`${side}_id`]: 1, [`${side}_ts`]: now }),
    );
    await make("item_contexts", { item_id: 90, ...emptySides, ...Object.fromEntries(cells) });
  };
  /** Samples, each of which is an interaction, and interactions that are no sample. */
  const makeRows = async (samples: readonly Row[], others: readonly Row[] = []): Promise<void> => {
    await make("samples", ...samples.map(sample));
    const rows = [...samples, ...others].map(
      ({ user_id = 1, item_id = 0, ts = null, rating = 4 }) =>
        event({ user_id, item_id, ts, rating }),
    );
    await make("interactions", ...rows);
  };
  const scored = { item_id: 20, ts: at(4), split: "test" };
  const found = { user_id: 1, rn: 3, item_id: 20, split: "test" };

  describe.each(places)("events shown in %s", (place) => {
    beforeEach(() => show(place));

    test.each(protocols)("%s allows them to be training rows", async (protocol) => {
      await makeRows([{ ...scored, split: "train" }]);
      expect(await audit("context_labels_not_scored", protocol)).toEqual([]);
    });

    describe.each(protocols)("%s", (protocol) => {
      test.each(["valid", "test"])("returns one that is a %s row", async (split) => {
        await makeRows([{ ...scored, split }]);
        expect(await audit("context_labels_not_scored", protocol)).toEqual([{ ...found, split }]);
      });

      test("allows the same item scored with another rating", async () => {
        await makeRows([{ ...scored, rating: 5 }]);
        expect(await audit("context_labels_not_scored", protocol)).toEqual([]);
      });

      test("allows the same item scored for another user", async () => {
        await makeRows([{ ...scored, user_id: 2 }]);
        expect(await audit("context_labels_not_scored", protocol)).toEqual([]);
      });

      test("allows a scored row when the same rating in a row that is not scored explains what is shown", async () => {
        await makeRows([scored], [{ item_id: 20, ts: at(3) }]);
        expect(await audit("context_labels_not_scored", protocol)).toEqual([]);
      });

      test("returns both of two scored rows that may be the one shown", async () => {
        await makeRows([scored, { ...scored, rn: 4, ts: at(4, 1) }]);
        expect(await audit("context_labels_not_scored", protocol)).toEqual([
          found,
          { ...found, rn: 4 },
        ]);
      });
    });

    // Context events lie at or before second 100 of day 5; under reference, on that day or before it.
    test.each<{ protocol: Protocol; when: string; ts: Date; isFound: boolean }>([
      { protocol: "leakfree", when: "at the context's end", ts: at(5, 100), isFound: true },
      { protocol: "leakfree", when: "a second later", ts: at(5, 101), isFound: false },
      { protocol: "paper", when: "at the context's end", ts: at(5, 100), isFound: true },
      { protocol: "paper", when: "a second later", ts: at(5, 101), isFound: false },
      { protocol: "reference", when: "later on that day", ts: at(5, 86_399), isFound: true },
      { protocol: "reference", when: "on the next day", ts: at(6, 0), isFound: false },
    ])("$protocol, scored $when: found $isFound", async ({ protocol, ts, isFound }) => {
      await makeRows([{ ...scored, ts }]);
      expect(await audit("context_labels_not_scored", protocol)).toEqual(isFound ? [found] : []);
    });

    test("a later rating that is not scored explains nothing", async () => {
      await makeRows([scored], [{ item_id: 20, ts: at(6) }]);
      expect(await audit("context_labels_not_scored", "leakfree")).toEqual([found]);
    });
  });

  test("an event shown in several places is returned once", async () => {
    await show("user_contexts", "liker", "disliker");
    await makeRows([scored]);
    expect(await audit("context_labels_not_scored", "leakfree")).toEqual([found]);
  });
});

describe("audits/user_stats_from_context", () => {
  const makeTables = async (stats: Row): Promise<void> => {
    await make(
      "interactions",
      event({ item_id: 10, ts: at(1) }),
      event({ item_id: 20, rating: 2, label: 0, ts: at(2) }),
      event({ item_id: 30, ts: at(3) }),
    );
    await make("user_contexts", {
      ...{ user_id: 1, last_ts: at(2), history_items: [10, 20] },
      history_ratings: [4, 2],
    });
    const right = { user_id: 1, interactions: 2, mean_rating: 3, label_rate: 0.5 };
    await make("user_stats", { ...right, ...stats });
  };

  test("allows what the context comes to", async () => {
    await makeTables({});
    expect(await answer(memory.db, "audits/user_stats_from_context")).toEqual([]);
  });

  test.each<Row>([
    { interactions: 3, mean_rating: 10 / 3, label_rate: 2 / 3 }, // a scored row was counted
    { mean_rating: 4 },
    { label_rate: 1 },
    { user_id: 2 }, // has no context
  ])("returns %j", async (stats) => {
    await makeTables(stats);
    expect(await answer(memory.db, "audits/user_stats_from_context")).toHaveLength(1);
  });
});

describe("audits/item_stats_from_train", () => {
  const makeTables = async (stats: Row): Promise<void> => {
    await make(
      "samples",
      sample({ item_id: 10, ts: at(1) }),
      sample({ item_id: 10, rating: 1, label: 0, ts: at(2) }),
      sample({ item_id: 10, split: "valid", ts: at(3) }),
      sample({ item_id: 20, split: "test", ts: at(4) }),
    );
    const right = { item_id: 10, interactions: 2, mean_rating: 2.5, label_rate: 0.5 };
    await make("item_stats", { ...right, ...stats });
  };

  test("allows what the training rows come to", async () => {
    await makeTables({});
    expect(await answer(memory.db, "audits/item_stats_from_train")).toEqual([]);
  });

  test.each<Row>([
    { interactions: 3, mean_rating: 3, label_rate: 2 / 3 }, // the validation row was counted
    { label_rate: 0.75 },
    { item_id: 20, interactions: 1, mean_rating: 4, label_rate: 1 }, // has a test row alone
  ])("returns %j", async (stats) => {
    await makeTables(stats);
    expect(await answer(memory.db, "audits/item_stats_from_train")).toHaveLength(1);
  });
});
