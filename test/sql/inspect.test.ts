import { beforeEach, describe, expect, test } from "vitest";
import { savedQueries } from "../../src/inspect/sql/saved-queries.ts";
import { paramValues } from "../../src/inspect/sql/saved-params.ts";
import { defineSourceIds } from "../../src/tables/source-ids/source-ids.ts";
import { tableSchemas } from "../../src/tables/schemas/index.ts";
import { at, makeRunTable, type Cell } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();
beforeEach(() => defineSourceIds(memory.db, { user: false, item: false }));

type Rows = readonly Readonly<Record<string, Cell>>[];

/** A run's tables, those that are not given empty. */
async function makeRun(tables: Readonly<Record<string, Rows>>): Promise<void> {
  for (const [table, rows] of Object.entries(tables)) await makeRunTable(memory.db, table, rows);
}

/** The rows of a saved query in its own order, each as its cells. */
async function rowsOf(name: string, ...given: string[]): Promise<readonly unknown[][]> {
  const query = savedQueries().find((saved) => `inspect/${saved.name}` === name);
  if (query === undefined) throw new Error(`there is no ${name}`);
  const rows = await memory.db.rows(query.sql, paramValues(name, query.params, given));
  return rows.map((row) => Object.values(row));
}

/** Events of (user, item, label), one a second. */
const events = (...cells: (readonly [user: number, item: number, label: number])[]): Rows =>
  cells.map(([user_id, item_id, label], second) => ({
    ...{ user_id, item_id, label },
    ts: at(1, second),
  }));

test.each(savedQueries().map((query) => [query.name, query] as const))(
  "%s runs on the empty tables it says it reads, with its defaults",
  async (_, { reads, params, sql }) => {
    expect(reads.length).toBeGreaterThan(0);
    for (const table of reads) {
      expect(tableSchemas.has(table), table).toBe(true);
      await makeRunTable(memory.db, table, []);
    }
    const defaults = paramValues("it", params, []);
    await expect(memory.db.rows(sql, defaults)).resolves.toBeInstanceOf(Array);
  },
);

describe("inspect/dataset", () => {
  test("counts, means and the share of pairs that met", async () => {
    await makeRun({
      interactions: events([1, 10, 1], [1, 11, 0], [1, 12, 1], [2, 10, 1]),
      items: [{ item_id: 10 }, { item_id: 11 }, { item_id: 12 }, { item_id: 13 }],
    });
    expect(await rowsOf("inspect/dataset")).toEqual([
      [4, 2, 3, 4, 0.75, 2, 4 / 3, 4 / 6, at(1, 0), at(1, 3)],
    ]);
  });
});

describe("inspect/lesson_lengths", () => {
  test("counts rows, sides and tokens of each model; a row as long as the limit is not over it", async () => {
    const lesson = (subject: string, subject_id: number, tokens: number, more: object = {}) => ({
      ...{ subject, subject_id, sample: 0, split: "train", tokens, counted: "exact", ...more },
    });
    await makeRun({
      sft_reason: [
        lesson("user", 1, 100),
        lesson("user", 1, 101, { sample: 1 }),
        lesson("user", 2, 600, { split: "valid" }),
      ],
      sft_refine: [lesson("user", 3, 601), lesson("item", 1, 7, { counted: "estimated" })],
      sft_reflect: [lesson("item", 1, 50), lesson("item", 2, 150, { split: "valid" })],
    });
    expect(await rowsOf("inspect/lesson_lengths", "limit=600")).toEqual([
      ["user", "actor", 4, 1, 3, 350.5, 601, 601, 1, false],
      ["item", "actor", 1, 0, 1, 7, 7, 7, 0, true],
      ["item", "reflector", 2, 1, 2, 100, 150, 150, 0, false],
    ]);
  });
});

describe("inspect/ingest_steps", () => {
  test("shows each step's rows as a share of those read", async () => {
    const step = (place: number, name: string, reason: string, rows: number) => ({
      ...{ place, step: name, reason, rows },
    });
    await makeRun({
      ingest_counts: [
        step(1, "read", "", 8),
        step(3, "kept", "", 6),
        step(2, "bad row", "no time", 2),
        step(4, "long item", "an item of the catalogue, not a row", 1),
      ],
    });
    expect(await rowsOf("inspect/ingest_steps")).toEqual([
      [1, "read", "", 8, 1],
      [2, "bad row", "no time", 2, 0.25],
      [3, "kept", "", 6, 0.75],
    ]);
  });
});

describe("inspect/rejects", () => {
  test("counts reasons, the most frequent first, and names the first row of each", async () => {
    const reject = (source: string, file: string, line: number, reason: string) => ({
      ...{ source, file, line, reason },
    });
    await makeRun({
      rejects: [
        reject("items", "c.csv", 4, "no title"),
        reject("interactions", "b.csv", 2, "no time"),
        reject("interactions", "a.csv", 9, "no time"),
        reject("interactions", "a.csv", 7, "no time"),
        reject("interactions", "a.csv", 1, "no item"),
      ],
    });
    expect(await rowsOf("inspect/rejects")).toEqual([
      ["interactions", "no time", 3, 2, "a.csv", 7],
      ["interactions", "no item", 1, 1, "a.csv", 1],
      ["items", "no title", 1, 1, "c.csv", 4],
    ]);
    expect(await rowsOf("inspect/rejects", "top=1")).toHaveLength(1);
  });
});

describe("inspect/user_activity", () => {
  test("classes double: 1, 2 to 3, 4 to 7", async () => {
    await makeRun({
      interactions: events(
        ...[[1, 10, 1] as const], // one event
        ...[[2, 10, 1] as const, [2, 11, 0] as const], // two
        ...[[3, 10, 0] as const, [3, 11, 0] as const, [3, 12, 1] as const], // three
        ...[10, 11, 12, 13].map((item) => [4, item, 1] as const), // four
      ),
    });
    expect(await rowsOf("inspect/user_activity")).toEqual([
      [1, 1, 1, 0.25, 1, 0.1, 1],
      [2, 3, 2, 0.5, 5, 0.5, 2 / 5],
      [4, 7, 1, 0.25, 4, 0.4, 1],
    ]);
  });
});

describe("inspect/item_popularity", () => {
  test("items of the catalogue that nobody met come first; items that it lacks count too", async () => {
    await makeRun({
      interactions: events([1, 10, 1], [2, 10, 0], [3, 10, 0], [1, 99, 1]),
      items: [{ item_id: 10 }, { item_id: 11 }, { item_id: 12 }],
    });
    expect(await rowsOf("inspect/item_popularity")).toEqual([
      [0, 0, 2, 0.5, 0, 0, null],
      [1, 1, 1, 0.25, 1, 0.25, 1],
      [2, 3, 1, 0.25, 3, 0.75, 1 / 3],
    ]);
  });
});

describe("inspect/popularity_concentration", () => {
  test("the share of the events that the top of ten items have", async () => {
    const counts = [9, 3, 1, 1, 1, 1, 1, 1, 1, 1]; // 20 events
    await makeRun({
      interactions: counts.flatMap((count, item) =>
        Array.from({ length: count }, (_, user) => ({ user_id: user, item_id: item + 1 })),
      ),
    });
    expect(await rowsOf("inspect/popularity_concentration")).toEqual([
      [0.01, 1, 9, 9 / 20], // at least one item
      [0.05, 1, 9, 9 / 20],
      [0.1, 1, 9, 9 / 20],
      [0.2, 2, 3, 12 / 20],
      [0.5, 5, 1, 15 / 20],
    ]);
  });
});

describe("inspect/label_rate_over_time", () => {
  test("spans of equal length from the first event on; the last event is in the last span", async () => {
    const day = (n: number, label: number): Readonly<Record<string, Cell>> => ({
      ts: at(n),
      label,
    });
    await makeRun({ interactions: [day(1, 1), day(2, 0), day(3, 1), day(5, 1), day(5, 1)] });
    // Four days and a second in two: spans of two days and a second.
    expect(await rowsOf("inspect/label_rate_over_time", "spans=2")).toEqual([
      [at(1), at(3, 1), 3, 2, 2 / 3],
      [at(3, 1), at(5, 2), 2, 2, 1],
    ]);
  });

  test("events of one instant are one span", async () => {
    await makeRun({
      interactions: [
        { ts: at(1), label: 0 },
        { ts: at(1), label: 1 },
      ],
    });
    expect(await rowsOf("inspect/label_rate_over_time")).toEqual([[at(1), at(1, 1), 2, 1, 0.5]]);
  });
});

describe("inspect/splits_over_time", () => {
  test("counts roles apart, in their order", async () => {
    await makeRun({
      timeline: [
        { ts: at(1), role: "context" },
        { ts: at(2), role: "train" },
        { ts: at(2), role: "train" },
        { ts: at(5), role: "test" },
        { ts: at(5), role: "dropped" },
      ],
    });
    expect(await rowsOf("inspect/splits_over_time", "spans=2")).toEqual([
      [at(1), at(3, 1), "context", 1],
      [at(1), at(3, 1), "train", 2],
      [at(3, 1), at(5, 2), "test", 1],
      [at(3, 1), at(5, 2), "dropped", 1],
    ]);
  });
});

describe("inspect/ratings", () => {
  test("the most frequent ratings in order of the rating, by label", async () => {
    const rated = (rating: number, label: number) => ({ rating, label });
    await makeRun({
      interactions: [
        rated(4.5, 1),
        rated(4.5, 1),
        rated(3, 0),
        rated(3, 1),
        rated(3, 0),
        rated(1, 0),
      ],
    });
    expect(await rowsOf("inspect/ratings", "top=2")).toEqual([
      [3, 0, 2],
      [3, 1, 1],
      [4.5, 1, 2],
    ]);
  });
});

describe("inspect/splits", () => {
  test("rows, users, items, label rate and time of each role", async () => {
    const row = (role: string, user: number, item: number, label: number, day: number) => ({
      ...{ role, label, user_id: user, item_id: item },
      ts: at(day),
    });
    await makeRun({
      timeline: [
        row("test", 1, 10, 1, 9),
        row("train", 1, 10, 1, 2),
        row("train", 1, 11, 0, 3),
        row("train", 2, 10, 0, 4),
      ],
    });
    expect(await rowsOf("inspect/splits")).toEqual([
      ["train", 3, 0.75, 2, 2, 1 / 3, at(2), at(4)],
      ["test", 1, 0.25, 1, 1, 1, at(9), at(9)],
    ]);
  });
});

describe("inspect/history_lengths", () => {
  test("counts rows by length within each split", async () => {
    await makeRun({
      samples: [
        { split: "train", history_items: [] },
        { split: "train", history_items: [1, 2] },
        { split: "train", history_items: [2, 3] },
        { split: "train", history_items: [4, 4] },
        { split: "test", history_items: [1] },
      ],
    });
    expect(await rowsOf("inspect/history_lengths")).toEqual([
      ["train", 0, 1, 0.25],
      ["train", 2, 3, 0.75],
      ["test", 1, 1, 1],
    ]);
  });
});

describe("inspect/cold_start", () => {
  test("a row is new or cold only by training rows, not by those of valid or test", async () => {
    const row = (split: string, user: number, item: number, label: number) => ({
      ...{ split, label, user_id: user, item_id: item },
    });
    await makeRun({
      samples: [
        row("train", 1, 10, 1),
        row("train", 2, 11, 0),
        row("valid", 3, 12, 1),
        row("test", 1, 10, 1),
        row("test", 1, 11, 0), // both known, though never together
        row("test", 1, 12, 0), // item 12 is in valid alone
        row("test", 3, 12, 1), // so is user 3
        row("test", 3, 10, 1),
      ],
    });
    expect(await rowsOf("inspect/cold_start")).toEqual([
      ["valid", true, true, 1, 1, 1],
      ["test", false, false, 2, 2 / 5, 0.5],
      ["test", false, true, 1, 1 / 5, 0],
      ["test", true, false, 1, 1 / 5, 1],
      ["test", true, true, 1, 1 / 5, 1],
    ]);
  });
});

describe("inspect/context_coverage", () => {
  test("subjects and test rows by what there is to read about them", async () => {
    await makeRun({
      user_contexts: [
        { user_id: 1, history_items: [10, 11] },
        { user_id: 2, history_items: [] },
      ],
      item_contexts: [
        { item_id: 10, liker_id: 1, disliker_id: 2 },
        { item_id: 11, liker_id: 1 },
        { item_id: 12, disliker_id: 2 },
        { item_id: 13 },
      ],
      samples: [
        { split: "test", user_id: 1, item_id: 10 },
        { split: "test", user_id: 1, item_id: 10 },
        { split: "test", user_id: 1, item_id: 13 },
        { split: "test", user_id: 3, item_id: 11 }, // a user without any context
        { split: "train", user_id: 2, item_id: 12 },
      ],
    });
    expect(await rowsOf("inspect/context_coverage")).toEqual([
      ["user", "history", 1, 1 / 3, 3, 0.75],
      ["user", "none", 2, 2 / 3, 1, 0.25],
      ["item", "liker and disliker", 1, 0.25, 2, 0.5],
      ["item", "liker only", 1, 0.25, 1, 0.25],
      ["item", "disliker only", 1, 0.25, 0, 0],
      ["item", "none", 1, 0.25, 1, 0.25],
    ]);
  });
});

describe("inspect/attribute_values", () => {
  test("the most frequent first, ties by value, with the number of all values", async () => {
    await makeRun({
      items: [
        { item_id: 10, attributes: { genre: ["Drama", "War"] } },
        { item_id: 11, attributes: { genre: ["Drama"] } },
        { item_id: 12, attributes: { genre: ["Comedy"] } },
        { item_id: 13, attributes: {} },
      ],
      users: [{ user_id: 1, attributes: { gender: ["F"] } }],
    });
    expect(await rowsOf("inspect/attribute_values", "top=2")).toEqual([
      ["item", "genre", "Drama", 2, 0.5, 3],
      ["item", "genre", "Comedy", 1, 0.25, 3],
      ["user", "gender", "F", 1, 1, 1],
    ]);
  });
});

describe("inspect/leak_audits", () => {
  test("shows what was checked", async () => {
    await makeRun({
      audits: [
        { audit: "b", about: "second.", rows_checked: 4, violations: 0 },
        { audit: "a", about: "first.", rows_checked: 3, violations: 0 },
      ],
    });
    expect(await rowsOf("inspect/leak_audits")).toEqual([
      ["a", "first.", 3, 0],
      ["b", "second.", 4, 0],
    ]);
  });
});

describe("inspect/knowledge_by_round", () => {
  test("texts, verdicts and what became final, round by round", async () => {
    const said = (
      user: number,
      round: number,
      role: string,
      more: Readonly<Record<string, Cell>>,
    ) => ({
      ...{ variant: "r4ec", user_id: user, round, role, is_final: false },
      ...more,
    });
    await makeRun({
      user_knowledge: [
        said(1, 0, "actor", { text: "ab", is_final: true }),
        said(1, 0, "reflector", { judgement: "reasonable" }),
        said(2, 0, "actor", { text: "abcd" }),
        said(2, 0, "reflector", { judgement: "unreasonable" }),
        said(2, 1, "actor", { text: "abc", is_final: true }),
        said(3, 0, "actor", { error: "timeout" }),
      ],
      item_knowledge: [
        {
          ...{ variant: "r4ec", item_id: 10, round: 0, role: "actor" },
          ...{ text: "abcdef", is_final: true },
        },
      ],
    });
    expect(await rowsOf("inspect/knowledge_by_round")).toEqual([
      ["r4ec", "user", 0, 2, 3, 1, 1, 0.5, 1, 1],
      ["r4ec", "user", 1, 1, 3, 0, 0, null, 1, 0],
      ["r4ec", "item", 0, 1, 6, 0, 0, null, 1, 0],
    ]);
  });
});

/** A request with what most have. */
const request = (more: Readonly<Record<string, Cell>>) => ({
  ...{ subject: "user", role: "actor", task: "reason", model: "m", status: "ok" },
  ...{ is_cached: false, attempts: 1 },
  ...more,
});

describe("inspect/cost_by_stage", () => {
  test("sums calls of a stage and task; the teacher's are of construct, an encoder's of encode", async () => {
    await makeRun({
      requests: [
        request({ prompt_tokens: 100, completion_tokens: 10, cost_usd: 0.5, latency_ms: 200 }),
        request({ prompt_tokens: 200, completion_tokens: 30, cost_usd: 0.25, latency_ms: 400 }),
        request({ status: "failed", is_cached: true, latency_ms: 900 }),
        request({ role: "teacher", task: "construct-reason", subject: "item" }),
        request({ role: "encoder", task: "embed", prompt_tokens: 9 }),
      ],
    });
    const none = [null, null, null, null];
    expect(await rowsOf("inspect/cost_by_stage")).toEqual([
      ["construct", "item", "teacher", "construct-reason", "m", 1, 0, 0, null, ...none],
      [
        ...["knowledge", "user", "actor", "reason", "m"],
        ...[3, 1, 1, 300, 40, 0.75, 400, expect.closeTo(850) as unknown],
      ],
      ["encode", "user", "encoder", "embed", "m", 1, 0, 0, 9, ...none],
    ]);
  });
});

describe("inspect/nearest_items", () => {
  test("the nearest by cosine first, equal ones by id; the length of a vector does not count", async () => {
    const vector = (item_id: number, numbers: readonly number[], variant = "r4ec") => ({
      ...{ item_id, variant, vector: [...numbers] },
    });
    await makeRun({
      items: [1, 2, 3, 4, 5].map((item_id) => ({ item_id, title: `Film ${item_id}`, year: 1990 })),
      item_embeddings: [
        vector(1, [3, 4]),
        vector(2, [4, 3]), // (12 + 12) / 25
        vector(3, [30, 40]), // the same direction
        vector(4, [-4, 3]), // at right angles
        vector(5, [0, 0]), // has none
        vector(6, [0, 2]), // 8 / 10; not in the catalogue
        vector(7, [0, 1]), // as 6
        vector(8, [-3, -4]), // opposite
        vector(9, [3, 4], "r2ec"),
        { item_id: 10, variant: "r4ec" },
      ],
    });
    const close = (value: number): unknown => expect.closeTo(value, 6);
    expect(await rowsOf("inspect/nearest_items")).toEqual([
      [1, 3, "Film 3", 1990, close(1)],
      [2, 2, "Film 2", 1990, close(24 / 25)],
      [3, 6, null, null, close(0.8)],
      [4, 7, null, null, close(0.8)],
      [5, 4, "Film 4", 1990, close(0)],
      [6, 8, null, null, close(-1)],
    ]);
    expect(await rowsOf("inspect/nearest_items", "item=2", "top=1")).toEqual([
      [1, 1, "Film 1", 1990, close(24 / 25)],
    ]);
    expect(await rowsOf("inspect/nearest_items", "item=9", "variant=r2ec")).toEqual([]);
    expect(await rowsOf("inspect/nearest_items", "item=10")).toEqual([]);
  });

  test("takes and shows the source's ids where a dictionary numbers items", async () => {
    await makeRun({
      item_dictionary: [
        { item_id: 1, source_id: "3" },
        { item_id: 2, source_id: "é 'x'" },
        { item_id: 3, source_id: "1" },
      ],
      items: [1, 2, 3].map((item_id) => ({ item_id, title: `Film ${item_id}` })),
      item_embeddings: [
        { item_id: 1, variant: "r4ec", vector: [1, 0] },
        { item_id: 2, variant: "r4ec", vector: [1, 0.5] },
        { item_id: 3, variant: "r4ec", vector: [0, 1] },
      ],
    });
    await defineSourceIds(memory.db, { user: false, item: true });
    const shown = (await rowsOf("inspect/nearest_items", "item=1")).map((row) => row.slice(0, 3));
    expect(shown).toEqual([
      [1, "é 'x'", "Film 2"],
      [2, "3", "Film 1"],
    ]);
    expect((await rowsOf("inspect/nearest_items", "item=é 'x'")).map(([, item]) => item)).toEqual([
      "3",
      "1",
    ]);
    await expect(rowsOf("inspect/nearest_items", "item=2")).rejects.toThrow(
      'nearest_items: the run has no item "2"; item=ID takes an id of the source',
    );
  });

  test("shows ten of more", async () => {
    const angles = Array.from({ length: 15 }, (_, n) => (n * Math.PI) / 30);
    await makeRun({
      items: [],
      item_embeddings: angles.map((angle, place) => ({
        ...{ item_id: place + 1, variant: "r4ec", vector: [Math.cos(angle), Math.sin(angle)] },
      })),
    });
    const found = await rowsOf("inspect/nearest_items");
    expect(found.map(([, item]) => item)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

describe("inspect/request_failures", () => {
  test("the most frequent reasons first, those with an answer left out", async () => {
    await makeRun({
      requests: [
        request({}),
        request({ status: "failed", error: "timeout", attempts: 5 }),
        request({ status: "length", error: "too long", attempts: 1 }),
        request({ status: "length", error: "too long", attempts: 2 }),
      ],
    });
    expect(await rowsOf("inspect/request_failures")).toEqual([
      ["m", "reason", "length", "too long", 2, 1.5],
      ["m", "reason", "failed", "timeout", 1, 5],
    ]);
    expect(await rowsOf("inspect/request_failures", "top=1")).toHaveLength(1);
  });
});

describe("inspect/slices", () => {
  test("means over the seeds of the selected trial, and the lift over base", async () => {
    const slice = (variant: string, trial: number, seed: number, bucket: string, auc: number) => ({
      ...{ backbone: "dcn", variant, trial, seed, slice: "items", bucket, rows: 8, auc },
      logloss: 0.5,
    });
    await makeRun({
      slices: [
        slice("base", 0, 1, "head", 0.5),
        slice("base", 0, 2, "head", 0.75),
        slice("base", 1, 1, "head", 0.125), // not selected
        slice("r4ec", 0, 1, "head", 0.75),
        slice("r4ec", 0, 1, "cold", 0.25),
      ],
      selections: [
        { backbone: "dcn", variant: "base", trial: 0, is_selected: true },
        { backbone: "dcn", variant: "base", trial: 1, is_selected: false },
        { backbone: "dcn", variant: "r4ec", trial: 0, is_selected: true },
      ],
    });
    expect(await rowsOf("inspect/slices")).toEqual([
      ["dcn", "items", "cold", "r4ec", 8, 0.25, null, 0.5],
      ["dcn", "items", "head", "base", 8, 0.625, 0, 0.5],
      ["dcn", "items", "head", "r4ec", 8, 0.75, 0.125, 0.5],
    ]);
  });
});

describe("inspect/pairs", () => {
  test("a row per pair and metric", async () => {
    const lift = { auc_lift: 0.5, auc_lift_low: 0.25, auc_lift_high: 0.75, auc_p: 0.125 };
    const change = { logloss_change: -1, logloss_change_low: -2, logloss_change_high: 0 };
    await makeRun({
      comparisons: [
        {
          ...{ backbone: "dcn", variant: "r4ec", baseline: "kar", ...lift, auc_p_holm: 0.25 },
          ...{ ...change, logloss_p: 0.0625, logloss_p_holm: 0.5 },
        },
      ],
    });
    expect(await rowsOf("inspect/pairs")).toEqual([
      ["dcn", "auc", "r4ec", "kar", 0.5, 0.25, 0.75, 0.125, 0.25],
      ["dcn", "logloss", "r4ec", "kar", -1, -2, 0, 0.0625, 0.5],
    ]);
  });
});

describe("inspect/slice_pairs", () => {
  test("the pairs with one baseline, rare items and new users first", async () => {
    const pair = (variant: string, baseline: string, bucket: string) => ({
      ...{ backbone: "dcn", variant, baseline, slice: "items", bucket, rows: 8, auc_lift: 0.5 },
      ...{ auc_lift_low: 0.25, auc_lift_high: 0.75, auc_p: 0.125, auc_p_holm: 0.25 },
      logloss_change: -1,
    });
    await makeRun({
      slice_comparisons: [
        pair("r4ec", "base", "head"),
        pair("r4ec", "base", "cold"),
        pair("r4ec", "kar", "tail"),
      ],
    });
    const scores = [8, 0.5, 0.25, 0.75, 0.125, 0.25, -1];
    expect(await rowsOf("inspect/slice_pairs")).toEqual([
      ["dcn", "r4ec", "base", "items", "cold", ...scores],
      ["dcn", "r4ec", "base", "items", "head", ...scores],
    ]);
    expect(await rowsOf("inspect/slice_pairs", "baseline=kar")).toEqual([
      ["dcn", "r4ec", "kar", "items", "tail", ...scores],
    ]);
  });
});

describe("inspect/embedding_coverage", () => {
  test("vectors as a share of users and items, and of the test rows that have one", async () => {
    const made = { variant: "r4ec", encoder: "e", vector: [1, 0, 0] };
    await makeRun({
      user_embeddings: [{ ...made, user_id: 1 }],
      item_embeddings: [
        { ...made, item_id: 10 },
        { ...made, item_id: 11 },
        { ...made, variant: "plots", item_id: 12 },
      ],
      users: [{ user_id: 1 }, { user_id: 2 }],
      items: [{ item_id: 10 }, { item_id: 11 }, { item_id: 12 }, { item_id: 13 }],
      samples: [
        { split: "test", user_id: 1, item_id: 10 },
        { split: "test", user_id: 2, item_id: 10 },
        { split: "test", user_id: 2, item_id: 11 },
        { split: "test", user_id: 2, item_id: 13 },
        { split: "train", user_id: 1, item_id: 12 },
      ],
    });
    expect(await rowsOf("inspect/embedding_coverage")).toEqual([
      ["plots", "e", "item", 1, 3, 0.25, 0],
      ["r4ec", "e", "user", 1, 3, 0.5, 0.25],
      ["r4ec", "e", "item", 2, 3, 0.5, 0.75],
    ]);
  });
});

describe("inspect/repeated_pairs", () => {
  test("counts pairs by how often they met, and those that changed their mind", async () => {
    await makeRun({
      interactions: events([1, 10, 1], [1, 11, 1], [1, 11, 0], [2, 10, 1], [2, 10, 1]),
    });
    expect(await rowsOf("inspect/repeated_pairs")).toEqual([
      [1, 1, 0],
      [2, 2, 1],
    ]);
  });
});
