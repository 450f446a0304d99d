import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Catalog } from "../../../src/flow/stage.ts";
import type { FileRef, TaskSpec } from "../../../src/flow/task.ts";
import { quote } from "../../../src/tables/quote.ts";
import { openDatabase, type Row } from "../../../src/tables/database.ts";
import { modelCard } from "../../../src/train/export/model-card.ts";
import { modelFolder } from "../../../src/train/loop/model-folder.ts";
import { createRandom } from "../../../src/base/random.ts";
import { loadScoringFeatures } from "../../../src/train/score/scoring-features.ts";
import { scoreFile, type ScoreFileOptions } from "../../../src/train/score/score-file.ts";
import { trainSettings } from "../../../src/train/settings.ts";
import { trainParams, trainStageConfig } from "../../../src/train/train-tasks.ts";
import { train } from "../../../src/train/train-task.ts";
import { openRunFolder, sample, taskSpec, toRef, type RunFolder } from "../run-folder.ts";

const users = 12;
const items = 20;
const events = 20;

/** Each user rates an item a day; the first three are context, then come training, one row of validation and four of test. */
function syntheticTables() {
  const { uniform } = createRandom(5);
  const vector = () => [uniform(), uniform(), uniform()];
  const timeline = Array.from({ length: users * events }, (_none, row): Row => {
    const [user, place] = [Math.floor(row / events), row % events];
    return {
      user_id: 100 + user,
      rn: place + 1,
      item_id: 1 + Math.floor(uniform() * items),
      rating: 1 + Math.floor(uniform() * 5),
      label: uniform() < 0.5 ? 1 : 0,
      ts: new Date(86_400_000 * (place + 1) + 1000 * user),
      history_rn: place,
      role: place < 3 ? "context" : place < 15 ? "train" : place < 16 ? "valid" : "test",
    };
  });
  const samples = timeline.flatMap((event, row): readonly Row[] => {
    if (event["role"] === "context") return [];
    const before = timeline.slice(Math.max(row - (row % events), row - 4), row);
    return [
      sample({
        ...event,
        split: event["role"],
        history_items: before.map((each) => each["item_id"]),
        history_ratings: before.map((each) => each["rating"]),
      }),
    ];
  });
  const embedding = { encoder: "test", tokens: 1, chunks: 1, texts: 1 };
  const stranger = { user_id: 999, ...embedding, origin: "text", vector: [3, -3, 3] };
  return {
    timeline,
    samples,
    userVectors: [
      ...Array.from({ length: users }, (_none, user) => ({
        user_id: 100 + user,
        origin: "text",
        ...embedding,
        vector: vector(),
      })),
      stranger,
    ],
    itemVectors: Array.from({ length: items }, (_none, item) => ({
      item_id: 1 + item,
      ...embedding,
      vector: vector(),
    })),
  };
}

const settings = trainSettings.parse({
  batchSize: 32,
  embeddingDim: 4,
  epochs: 1,
  learningRate: 0.02,
  userFeatures: ["id"],
});

let run: RunFolder;
let timeline: readonly FileRef[];
let task: TaskSpec;
let predictions: Catalog;

beforeAll(async () => {
  run = await openRunFolder();
  const tables = syntheticTables();
  const catalogue = Array.from({ length: items }, (_none, item) => ({
    id: 1 + item,
    attributes: { genre: item % 3 === 0 ? ["Drama", "War"] : ["Comedy"] },
  }));
  timeline = [await run.writeTable("timeline", tables.timeline)];
  const inputs = {
    samples: [await run.writeTable("samples", tables.samples)],
    items: [await run.writeItems(catalogue)],
    user_embeddings: [await run.writeTable("user_embeddings", tables.userVectors)],
    item_embeddings: [await run.writeTable("item_embeddings", tables.itemVectors)],
  };
  const params = { backbone: "deepfm", variant: "r4ec", role: "knowledge", trial: 0, seed: 1 };
  task = taskSpec("train", trainStageConfig(settings, "leakfree"), params, inputs);
  const written = await train(task, run.context);
  predictions = Object.fromEntries(written.map((file) => [file.table, [toRef(run, file)]]));
  await run.mount({ ...inputs, ...predictions, timeline });
});
afterAll(() => run.close());

/** Scores rows given as JSON lines; gives the summary and the rows written. */
async function score(rows: readonly Row[], options: Partial<ScoreFileOptions> = {}) {
  const { runDir, context } = { runDir: run.context.runDir, context: run.context };
  const file = join(runDir, "rows.jsonl");
  const out = join(runDir, "out.parquet");
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const folder = modelFolder(runDir, trainParams.parse(task.params), task.key);
  const card = modelCard.parse(JSON.parse(await readFile(join(folder, "model.json"), "utf8")));
  const summary = await scoreFile({
    task,
    card,
    folder,
    runDir,
    timeline,
    dictionaries: {},
    file,
    out,
    isStrict: false,
    threads: 1,
    memoryMb: 512,
    tempDir: join(runDir, "score-tmp"),
    signal: context.signal,
    onProgress: () => undefined,
    ...options,
  });
  const db = await openDatabase({ threads: 1, memoryMb: 512, tempDir: context.tempDir });
  try {
    await db.run("set preserve_insertion_order = true");
    return { summary, rows: await db.rows(`select * from '${out}'`) };
  } finally {
    db.close();
  }
}

/** Test rows with what the training task gave them. */
function testRows(columns: string): Promise<readonly Row[]> {
  return run.db.rows(
    `select ${columns}, probability as expected from predictions join samples using (user_id, rn, item_id)
     where split = 'test' order by item_id, user_id, rn`,
  );
}

function expectReproduced(rows: readonly Row[]): void {
  expect(rows).toHaveLength(users * 4);
  for (const { probability, expected } of rows) {
    expect(Math.abs(Number(probability) - Number(expected))).toBeLessThan(1e-6);
  }
}

describe("loadScoringFeatures", () => {
  test("gives attributes the places that the model has, whatever the settings say now", async () => {
    const slotsOf = async (slots: readonly number[]) =>
      (await loadScoringFeatures(run.db, task, slots)).items.attributeSlots;
    expect(await slotsOf([2])).toEqual([2]);
    expect(await slotsOf([1])).toEqual([1]);
  });
});

describe("scoreFile", () => {
  test("gives test rows the probabilities they had, with a history of their own", async () => {
    const given = await testRows("user_id, rn, item_id, history_items, history_ratings");
    const { rows, summary } = await score(given);
    expectReproduced(rows);
    expect(rows.map(({ probability, ...row }) => row)).toEqual(given);
    const nothing = { rows: 0, first: undefined };
    expect(summary).toEqual({
      rows: users * 4,
      unknownItems: nothing,
      unknownUsers: nothing,
      eventsLeftOut: 0,
    });
  });

  test("takes fewer rows at a time where memory is short, and refuses where it holds none", async () => {
    const given = await testRows("user_id, item_id, history_items, history_ratings");
    const { rows } = await score(given, { freeBytes: 700_000 });
    expectReproduced(rows);
    await expect(score(given, { freeBytes: 100_000 })).rejects.toThrow(
      /^the model and a batch of rows need 1 MB of memory, .*; use a machine with more memory$/,
    );
    await expect(score(given, { freeBytes: 40 })).rejects.toThrow(/^the items' attributes need/);
  });

  test("finds in the run what the user had rated before a row's time", async () => {
    const given = await testRows("user_id, item_id, cast(ts as varchar) as ts");
    expectReproduced((await score(given)).rows);
  });

  test("without a time, the history is the last there is", async () => {
    const last = await run.db.rows(
      `select item_id, rating from timeline where user_id = 103 order by rn desc limit 4`,
    );
    const history = {
      history_items: last.map((row) => row["item_id"]).reverse(),
      history_ratings: last.map((row) => row["rating"]).reverse(),
    };
    const { rows } = await score([
      { user_id: 103, item_id: 5 },
      { user_id: 103, item_id: 5, ...history },
      { user_id: 103, item_id: 5, history_items: [], history_ratings: [] },
    ]);
    const [found, given, none] = rows.map((row) => row["probability"]);
    expect(found).toBe(given);
    expect(none).not.toBe(given);
  });

  test("what the model does not know counts as nothing, and is counted", async () => {
    const empty = { history_items: [], history_ratings: [] };
    const { rows, summary } = await score([
      { user_id: 555, item_id: 5, ...empty },
      { user_id: 103, item_id: 77, ...empty },
      { user_id: 103, item_id: 5, history_items: [2, 99, 3], history_ratings: [4, 4, 2.5] },
      { user_id: 103, item_id: 5, history_items: [2], history_ratings: [4] },
      { user_id: 556, item_id: 5, ...empty },
    ]);
    expect(summary).toEqual({
      rows: 5,
      unknownItems: { rows: 1, first: "row 2, item 77" },
      unknownUsers: { rows: 2, first: "row 1, user 555" },
      eventsLeftOut: 2,
    });
    const [stranger, , cut, whole, other] = rows.map((row) => row["probability"]);
    expect(cut).toBe(whole);
    expect(stranger).toBe(other);
  });

  test("a user without samples has a vector all the same", async () => {
    const empty = { item_id: 5, history_items: [], history_ratings: [] };
    const { rows, summary } = await score([
      { user_id: 999, ...empty },
      { user_id: 555, ...empty },
    ]);
    expect(summary.unknownUsers.first).toBe("row 2, user 555");
    expect(rows[0]?.["probability"]).not.toBe(rows[1]?.["probability"]);
  });

  test("--strict names the first row with an unknown item or user, and writes nothing", async () => {
    const rows = [
      { user_id: 103, item_id: 5 },
      { user_id: 103, item_id: 77 },
    ];
    const out = join(run.context.runDir, "strict.parquet");
    await expect(score(rows, { isStrict: true, out })).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        /rows\.jsonl, row 2: item 77 is not in the run; remove/,
      ) as string,
    });
    expect((await readdir(run.context.runDir)).filter((name) => name.startsWith("strict"))).toEqual(
      [],
    );
  });

  test.each([
    [{ item_id: 1 }, /: there is no column user_id, only item_id; rename/],
    [{ user_id: 1, item_id: "x" }, /, row 1: item_id "x" is not a 32-bit integer/],
    [
      { user_id: 1, item_id: 1, history_items: [1] },
      /, row 1: history_items and history_ratings go/,
    ],
    [{ user_id: 1, item_id: 1, probability: 1 }, /: there is already a column probability/],
    [{ user_id: 1, item_id: 1, ts: 12 }, /: column ts is BIGINT; cast it to TIMESTAMP/],
    [{ user_id: 1, item_id: 1, ts: "soon" }, /, row 1: ts "soon" is not a time; write it as/],
  ])("refuses %j", async (row, message) => {
    await expect(score([row])).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(message) as string,
    });
  });
});

/** Each item's source id is another item's number; users are called by texts. */
describe("scoreFile of a run whose ids dictionaries number", () => {
  const itemName = (id: number): string => String(1 + (id % items));
  const userName = (id: number): string => `O'Hara "${id}" é`;
  let dictionaries: Catalog;

  beforeAll(async () => {
    const itemIds = Array.from({ length: items }, (_none, item) => 1 + item);
    const userIds = [...Array.from({ length: users }, (_none, user) => 100 + user), 999];
    dictionaries = {
      item_dictionary: [
        await run.writeTable(
          "item_dictionary",
          itemIds.map((item_id) => ({ item_id, source_id: itemName(item_id) })),
        ),
      ],
      user_dictionary: [
        await run.writeTable(
          "user_dictionary",
          userIds.map((user_id) => ({ user_id, source_id: userName(user_id) })),
        ),
      ],
    };
  });

  /** A row with the source's ids instead of the run's. */
  function named(row: Row): Row {
    const history = row["history_items"];
    return {
      ...row,
      user_id: userName(Number(row["user_id"])),
      item_id: Number(itemName(Number(row["item_id"]))),
      ...(Array.isArray(history) && {
        history_items: history.map((id) => Number(itemName(Number(id)))),
      }),
    };
  }

  test("reads the source's ids, also those that are numbers of others in the run", async () => {
    const given = await testRows("user_id, rn, item_id, history_items, history_ratings");
    const rows = given.map(named);
    const scored = await score(rows, { dictionaries });
    expectReproduced(scored.rows);
    expect(scored.rows.map(({ probability, ...row }) => row)).toEqual(rows);
    expect(scored.summary.unknownItems.rows + scored.summary.unknownUsers.rows).toBe(0);
  });

  test("finds the user's history under the source's id", async () => {
    const given = await testRows("user_id, item_id, cast(ts as varchar) as ts");
    expectReproduced((await score(given.map(named), { dictionaries })).rows);
  });

  test("only one side may be numbered", async () => {
    const { item_dictionary = [] } = dictionaries;
    const given = await testRows("user_id, rn, item_id, history_items, history_ratings");
    const rows = given.map((row) => ({ ...named(row), user_id: row["user_id"] ?? null }));
    expectReproduced((await score(rows, { dictionaries: { item_dictionary } })).rows);
  });

  test("a CSV file keeps ids and lists as they are written", async () => {
    const file = join(run.context.runDir, "rows.csv");
    const user = userName(103).replaceAll('"', '""');
    await writeFile(
      file,
      "user_id,item_id,history_items,history_ratings\n" +
        `"${user}",5,"[3, 4]","[4, 2]"\n` +
        `"${user}",5.0,"['3', ""4""]","[4, 2]"\n` +
        `"${user}",05,"[3, 4]","[4, 2]"\n` +
        `"${user}",5,"[3, 04, 4]","[4, 5, 2]"\n`,
    );
    const { rows, summary } = await score([], { dictionaries, file });
    const [plain, quoted, , cut] = rows.map((row) => row["probability"]);
    expect(quoted).toBe(plain);
    expect(cut).toBe(plain);
    expect(rows.map((row) => row["item_id"])).toEqual(["5", "5.0", "05", "5"]);
    expect(summary.unknownItems).toEqual({ rows: 1, first: "row 3, item 05" });
    expect(summary.eventsLeftOut).toBe(1);
  });

  test.each([
    ["user", "4.2E+13,5,[],[]", /column user_id holds 1 ids such as 4\.2E\+13: a spreadsheet/],
    ["item", "a,1E+12,[],[]", /column item_id holds 1 ids such as 1E\+12: a spreadsheet/],
    [
      "history",
      "a,5,\"['3', '2.5E+11']\",\"[4, 4]\"",
      /column history_items holds 1 ids such as 2\.5E\+11/,
    ],
  ])("refuses ids that a spreadsheet has cut: %s", async (_where, line, message) => {
    const file = join(run.context.runDir, "cut.csv");
    await writeFile(file, `user_id,item_id,history_items,history_ratings\n${line}\n`);
    await expect(score([], { dictionaries, file })).rejects.toThrow(message);
  });

  test.each([
    ["16777217::float as item_id", /column item_id holds 1 ids such as 16777216\.0: FLOAT rounds/],
    [
      "5 as item_id, [16777219]::float[] as history_items, [4] as history_ratings",
      /column history_items holds 1 ids such as 16777220\.0: FLOAT rounds/,
    ],
  ])("refuses ids that a column has rounded: %s", async (columns, message) => {
    const file = join(run.context.runDir, "rounded.parquet");
    await run.db.run(`copy (select 5 as user_id, ${columns}) to ${quote(file)} (format parquet)`);
    for (const given of [dictionaries, {}]) {
      await expect(score([], { dictionaries: given, file })).rejects.toThrow(message);
    }
  });

  test("names unknown ids as the file has them", async () => {
    const empty = { history_items: [], history_ratings: [] };
    const rows = [
      { user_id: userName(103), item_id: "tt0077", ...empty },
      { user_id: 103, item_id: 5, ...empty },
    ];
    expect((await score(rows, { dictionaries })).summary).toMatchObject({
      unknownItems: { rows: 1, first: "row 1, item tt0077" },
      unknownUsers: { rows: 1, first: "row 2, user 103" },
    });
    await expect(score(rows.slice(1), { dictionaries, isStrict: true })).rejects.toThrow(
      /rows\.jsonl, row 1: user 103 is not in the run/,
    );
  });

  test.each([
    [{ user_id: null, item_id: 5 }, /row 1: there is no user_id; fill it in or leave the row out/],
    [
      { user_id: "a", item_id: 5, history_items: [1, null], history_ratings: [4, 4] },
      /row 1: history_items is not a list of ids; write it as \[a, b, c\]/,
    ],
  ])("refuses %j", async (row, message) => {
    await expect(score([row], { dictionaries })).rejects.toThrow(message);
  });
});
