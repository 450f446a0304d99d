import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dropCheckpoints } from "../../src/flow/checkpoints.ts";
import type { Json } from "../../src/base/json.ts";
import type { Catalog } from "../../src/flow/stage.ts";
import type { FileRef, TaskSpec } from "../../src/flow/task.ts";
import type { Row } from "../../src/tables/database.ts";
import { compare } from "../../src/experiments/compare-task.ts";
import { modelCard } from "../../src/train/export/model-card.ts";
import { modelFolder } from "../../src/train/loop/model-folder.ts";
import { createRandom } from "../../src/base/random.ts";
import { trainSettings } from "../../src/train/settings.ts";
import { trainStageConfig } from "../../src/train/train-tasks.ts";
import { type Protocol } from "../../src/base/terms.ts";
import { train } from "../../src/train/train-task.ts";
import { openRunFolder, sample, taskSpec, toRef, type RunFolder } from "./run-folder.ts";

const users = 60;
const items = 40;
const rowsPerUser = 50;
/** These users have no knowledge vector. */
const unknownUsers = 6;

/**
 * Users whose taste for two traits of items decides half of what they like; only the vectors tell the taste, since histories
 * are drawn at random.
 */
function syntheticTables() {
  const { uniform, normal } = createRandom(11);
  const pair = (): [number, number] => [normal(), normal()];
  const tastes = Array.from({ length: users }, pair);
  const traits = Array.from({ length: items }, pair);
  const samples = tastes.flatMap((taste, user) =>
    Array.from({ length: rowsPerUser }, (_none, place) => {
      const item = Math.floor(uniform() * items);
      const trait = traits[item] ?? [0, 0];
      const liking = 1.5 * (taste[0] * trait[0] + taste[1] * trait[1]);
      const history = Array.from({ length: place % 4 }, () => 1 + Math.floor(uniform() * items));
      return sample({
        user_id: 100 + user,
        rn: place + 1,
        item_id: 1 + item,
        label: uniform() < 1 / (1 + Math.exp(-liking)) ? 1 : 0,
        split: place < 30 ? "train" : place < 38 ? "valid" : "test",
        history_items: history,
        history_ratings: history.map(() => 1 + Math.floor(uniform() * 5)),
      });
    }),
  );
  const embedding = (id: Row, vector: readonly number[]) => ({
    ...id,
    encoder: "test",
    vector,
    tokens: 1,
    chunks: 1,
  });
  return {
    samples,
    userVectors: tastes
      .slice(unknownUsers)
      .map((taste, user) => embedding({ user_id: 100 + unknownUsers + user }, taste)),
    itemVectors: traits.map((trait, item) => embedding({ item_id: 1 + item }, trait)),
  };
}

const settings = trainSettings.parse({
  batchSize: 64,
  embeddingDim: 8,
  epochs: 4,
  learningRate: 0.01,
});

interface ModelName {
  readonly backbone: string;
  readonly variant: string;
  readonly role: string;
  readonly trial: number;
  readonly settings?: Readonly<Record<string, Json>>;
  readonly seed: number;
}

let run: RunFolder;
let inputs: Catalog;
beforeAll(async () => {
  run = await openRunFolder();
  const { samples, userVectors, itemVectors } = syntheticTables();
  const catalogue = Array.from({ length: items }, (_none, item) => ({
    id: 1 + item,
    attributes: { genre: [item % 2 === 0 ? "Drama" : "War"] },
  }));
  inputs = {
    samples: [await run.writeTable("samples", samples)],
    items: [await run.writeItems(catalogue)],
    user_embeddings: [await run.writeTable("user_embeddings", userVectors)],
    item_embeddings: [await run.writeTable("item_embeddings", itemVectors)],
  };
});
afterAll(() => run.close());

/** A model without knowledge is given no vectors to read. */
function inputsOf({ variant }: ModelName): Catalog {
  const { samples = [], items: catalogue = [], ...vectors } = inputs;
  return { samples, items: catalogue, ...(variant === "base" ? {} : vectors) };
}

async function trainOne(params: ModelName, protocol: Protocol = "leakfree"): Promise<Catalog> {
  const config = trainStageConfig(settings, protocol);
  const task = taskSpec("train", config, { ...params }, inputsOf(params));
  return tablesOf(task);
}

/** What the task writes, and no checkpoint, as if the runtime had run it. */
async function tablesOf(task: TaskSpec): Promise<Catalog> {
  const files = await train(task, run.context);
  await dropCheckpoints(run.context.runDir, task.stage, () => false);
  return Object.fromEntries(files.map((file) => [file.table, [toRef(run, file)]]));
}

const trained = new Map<string, Promise<Catalog>>();

/** As {@link trainOne} under leakfree, but trains no model twice. */
function trainOnce(params: ModelName): Promise<Catalog> {
  const key = JSON.stringify(params);
  const tables = trained.get(key) ?? trainOne(params);
  trained.set(key, tables);
  return tables;
}

async function rowsOf(tables: Catalog, sql: string): Promise<readonly Row[]> {
  await run.mount(tables);
  return run.db.rows(sql);
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

const base = { backbone: "dcn", variant: "base", role: "base", trial: 0, seed: 1 };
const r4ec = { backbone: "dcn", variant: "r4ec", role: "knowledge", trial: 0, seed: 1 };

describe("train", () => {
  test("writes what the model reached, epoch by epoch and row by row", async () => {
    const tables = await trainOnce(r4ec);
    const [result] = await rowsOf(tables, "select * from results");
    expect(result).toMatchObject({
      ...r4ec,
      selected_on: "valid",
      train_rows: 1800,
      valid_rows: 480,
      test_rows: 720,
      user_coverage: 0.9,
      item_coverage: 1,
    });
    const log = await rowsOf(tables, "select * from training_log order by epoch");
    expect(log.map((row) => row["epoch"])).toEqual(log.map((_row, index) => index + 1));
    expect(result?.["epochs"]).toBe(log.length);
    expect(result?.["valid_auc"]).toBe(log[Number(result?.["best_epoch"]) - 1]?.["valid_auc"]);
    expect(Number(result?.["gauc"])).toBeGreaterThan(0.5);
    expect(Number(result?.["ece"])).toBeLessThan(0.5);
    const bestAuc = Math.max(...log.map((row) => Number(row["valid_auc"])));
    expect(log[Number(result?.["best_epoch"]) - 1]?.["valid_auc"]).toBe(bestAuc);
    const mismatches = `select count(*) as rows from predictions join samples using (user_id, rn, item_id, label)
      where samples.split = 'test' and probability between 0 and 1`;
    expect(await rowsOf({ ...inputs, ...tables }, mismatches)).toEqual([{ rows: 720 }]);
  });

  test("knowledge that tells the taste lifts AUC well above Base, with both backbones", async () => {
    for (const backbone of ["autoint", "dcn"]) {
      const [without] = await rowsOf(
        await trainOnce({ ...base, backbone }),
        "select * from results",
      );
      const [with_] = await rowsOf(await trainOnce({ ...r4ec, backbone }), "select * from results");
      expect(without).toMatchObject({ user_coverage: null, item_coverage: null });
      expect(Number(with_?.["auc"])).toBeGreaterThan(Number(without?.["auc"]) + 0.05);
    }
  });

  test("with one thread only the wall times differ between two runs of a seed", async () => {
    const once = await trainOnce(r4ec);
    const again = await trainOne(r4ec);
    for (const sql of [
      "select * exclude (seconds, rows_per_s) from training_log order by all",
      "select * exclude (seconds) from results",
      "select * from predictions order by all",
    ]) {
      expect(await rowsOf(again, sql)).toEqual(await rowsOf(once, sql));
    }
  });

  test("sees several values of an attribute, and the users' ids and attributes", async () => {
    const catalogue = Array.from({ length: items }, (_none, item) => ({
      id: 1 + item,
      attributes: { genre: item % 3 === 0 ? ["Drama"] : ["War", "Drama", "Noir"] },
    }));
    const people = Array.from({ length: users }, (_none, user) => ({
      id: 100 + user,
      attributes: { gender: [user % 2 === 0 ? "F" : "M"] },
    }));
    const given = {
      ...inputsOf(base),
      items: [await run.writeItems(catalogue)],
      users: [await run.writeUsers(people)],
    };
    const parameters = async (changes: object): Promise<number> => {
      const config = trainStageConfig({ ...settings, ...changes, epochs: 1 }, "leakfree");
      const tables = await tablesOf(taskSpec("train", config, { ...base }, given));
      const [result] = await rowsOf(tables, "select parameters from results");
      return Number(result?.["parameters"]);
    };
    expect(run.progress.flatMap(({ notes = [] }) => notes)).toEqual([]);
    // Embeddings of 8: Noir is nobody's first genre; 60 ids, two genders and a row for unknown. Each of the 16 inputs more takes
    // 2 numbers in three cross layers, and 200 in the first layers of the deep and of the final MLP.
    const first = await parameters({ attributeValues: "first" });
    expect((await parameters({})) - first).toBe(8);
    const two = { maxAttributeValues: 2 };
    expect((await parameters(two)) - first).toBe(0); // War and Drama, without Noir
    expect(run.progress.flatMap(({ notes = [] }) => notes)).toEqual([
      "26 values of genre left out: train.maxAttributeValues takes the first 2 of an item, and 26 items had more, up to 3",
    ]);
    const folder = modelFolder(run.context.runDir, base, "train");
    const card = modelCard.parse(JSON.parse(await readFile(join(folder, "model.json"), "utf8")));
    expect(card.attributes).toMatchObject({ slots: [2], leftOut: 26 });
    const features = { attributeValues: "first", userFeatures: ["id", "gender"] };
    expect((await parameters(features)) - first).toBe(63 * 8 + 16 * (3 * 2 + 200 + 200));
  });

  test("refuses what does not fit its share of memory before it trains, with the settings that would", async () => {
    const config = trainStageConfig(settings, "leakfree");
    const task = taskSpec("train", config, { ...base }, inputsOf(base));
    const within = (bytes: number) => train(task, { ...run.context, memory: { bytes, shares: 2 } });
    // 3,000 rows of 24 bytes and 3 events of 8.
    await expect(within(100_000)).rejects.toMatchObject({
      code: "OUT_OF_MEMORY",
      message: expect.stringMatching(
        /^the samples need .* set train.memoryRows: \d+, or/,
      ) as string,
    });
    await expect(within(2_500_000)).rejects.toMatchObject({
      code: "OUT_OF_MEMORY",
      message: expect.stringMatching(
        /^the model and its steps need .* \(.*the samples take 1 MB\); set train.batchSize: \d+/,
      ) as string,
    });
  });

  test.each([
    ["reference", "test"],
    ["paper", "last"],
  ] as const)("under %s the epoch is selected on: %s", async (protocol, selectedOn) => {
    const [result] = await rowsOf(await trainOne(base, protocol), "select * from results");
    expect(result).toMatchObject({ selected_on: selectedOn });
  });

  test("leaves the chosen model as a file, with a card that says how to feed it", async () => {
    const tables = await trainOnce(r4ec);
    const [result] = await rowsOf(tables, "select * from results");
    const folder = modelFolder(run.context.runDir, r4ec, "train");
    const card = modelCard.parse(JSON.parse(await readFile(join(folder, "model.json"), "utf8")));
    const file = await readFile(join(folder, "model.onnx"));
    expect(card).toMatchObject({
      task: "train",
      variant: "r4ec",
      protocol: "leakfree",
      trial: 0,
      seed: 1,
      epoch: result?.["best_epoch"],
      selectedOn: "valid",
      selectedBy: "auc",
      model: { backbone: "dcn", form: "corrected", connector: "mlp", sha256: sha256(file) },
      figures: { testAuc: result?.["auc"], testLogLoss: result?.["logloss"] },
      items: {
        count: 40,
        sha256: sha256(Array.from({ length: 40 }, (_, i) => `${i + 1}\n`).join("")),
      },
      settings: { batchSize: 64, learningRate: 0.01 },
      attributes: { names: ["genre"], slots: [1], which: "all", values: 2 },
      ratings: { values: [1, 2, 3, 4, 5] },
      history: { length: 3 },
      vectors: { user: { width: 2, encoder: "test" }, item: { width: 2, encoder: "test" } },
    });
    const log = await rowsOf(tables, "select max(valid_auc) as auc from training_log");
    expect(card.figures.validAuc).toBe(log[0]?.["auc"]);
    expect(card.inputs).toContainEqual({
      name: "historyItems",
      type: "int32",
      shape: ["batch", 3],
      meaning: "items of the user's history",
    });
  });

  /** The row of `results` of a model that is given three statistics of users and items. */
  async function trainOnStats(connector: "mlp" | "hea", changes: object = {}): Promise<Row> {
    const stats = (id: string, first: number, count: number): readonly Row[] =>
      Array.from({ length: count }, (_none, place) => ({
        ...{ [id]: first + place, interactions: 1 + (place % 7) },
        ...{ mean_rating: 1 + (place % 5), label_rate: (place % 3) / 2 },
      }));
    const task = taskSpec(
      "train",
      trainStageConfig({ ...settings, connector, epochs: 1 }, "leakfree"),
      { ...base, variant: "base+stats", role: "control", ...changes },
      {
        ...inputsOf(base),
        user_stats: [await run.writeTable("user_stats", stats("user_id", 100, users))],
        item_stats: [await run.writeTable("item_stats", stats("item_id", 1, items / 2))],
      },
    );
    const files = await train(task, run.context);
    const results = files.filter(({ table }) => table === "results");
    const [row] = await rowsOf(
      { results: results.map((file) => toRef(run, file)) },
      "from results",
    );
    if (row === undefined) throw new Error("no result");
    return row;
  }

  test.each(["mlp", "hea"] as const)(
    "connector %s takes vectors of 3 numbers",
    async (connector) => {
      const row = await trainOnStats(connector);
      const [shown] = await rowsOf(
        inputs,
        `select avg((item_id <= ${items / 2})::integer) as share from samples where split = 'test'`,
      );
      expect(row).toMatchObject({ user_coverage: 1, item_coverage: shown?.["share"] });
    },
  );

  test("with separate weights, items have a connector of their own beside the users'", async () => {
    const shared = await trainOnStats("mlp");
    const separate = await trainOnStats("mlp", { connectorWeights: "separate" });
    const width = settings.embeddingDim;
    const ofOneMlp = 3 * 128 + 128 + 128 * width + width;
    expect(Number(separate["parameters"]) - Number(shared["parameters"])).toBe(ofOneMlp);
    expect(separate["auc"]).not.toBe(shared["auc"]);
  });

  test("a variant of items' vectors alone is given no users' vectors", async () => {
    const { user_embeddings: _users, ...given } = inputs;
    const task = taskSpec(
      "train",
      trainStageConfig({ ...settings, epochs: 1 }, "leakfree"),
      { ...r4ec, variant: "llm" },
      given,
    );
    const results = (await train(task, run.context)).filter(({ table }) => table === "results");
    const [row] = await rowsOf(
      { results: results.map((file) => toRef(run, file)) },
      "from results",
    );
    expect(row).toMatchObject({ variant: "llm", user_coverage: null, item_coverage: 1 });
  });

  test("names the table when vectors are not there", async () => {
    const task = taskSpec("train", trainStageConfig(settings, "leakfree"), r4ec, {
      ...inputs,
      user_embeddings: [],
    });
    await expect(train(task, run.context)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringContaining("user_embeddings: there are no vectors") as string,
    });
  });
});

describe("train, a trial of a grid", () => {
  test("trains with the trial's settings and writes them down", async () => {
    const params = { ...base, trial: 3, settings: { epochs: 1, embeddingDim: 4 } };
    const tables = await trainOnce(params);
    const [result] = await rowsOf(tables, "select * from results");
    expect(result).toMatchObject({
      ...{ variant: "base", role: "base", trial: 3, epochs: 1, engine: "onnx" },
      settings: '{"epochs":1,"embeddingDim":4}',
    });
    const [usual] = await rowsOf(await trainOnce(base), "select * from results");
    expect(usual).toMatchObject({ trial: 0, settings: "{}", epochs: 4 });
    expect(Number(result?.["parameters"])).toBeLessThan(Number(usual?.["parameters"]));
    for (const table of ["training_log", "predictions"]) {
      expect(await rowsOf(tables, `select distinct trial from ${table}`)).toEqual([{ trial: 3 }]);
    }
  });
});

describe("train, then compare", () => {
  test("sums up seeds and gives the lift an interval above 0", async () => {
    const results: FileRef[] = [];
    const predictions: FileRef[] = [];
    for (const params of [base, r4ec].flatMap((model) => [model, { ...model, seed: 2 }])) {
      const tables = await trainOnce(params);
      results.push(...(tables["results"] ?? []));
      predictions.push(...(tables["predictions"] ?? []));
    }
    const task = taskSpec(
      "compare",
      { resamples: 200, seed: 1, stopOn: "auc" },
      {},
      { samples: inputs["samples"] ?? [], results, predictions },
    );
    const files = await compare(task, run.context);
    const comparisons = files.flatMap((file) =>
      file.table === "comparisons" ? [toRef(run, file)] : [],
    );
    const [row] = await rowsOf({ comparisons, results }, "select * from comparisons");
    expect(row).toMatchObject({ backbone: "dcn", variant: "r4ec", seeds: 2, resamples: 200 });
    const [means] = await run.db.rows(
      `select avg(auc) filter (variant = 'base') as base_auc, stddev_samp(auc) filter (variant = 'r4ec') as auc_sd,
         avg(logloss) filter (variant = 'r4ec') as logloss from results`,
    );
    expect(row?.["baseline_auc"]).toBeCloseTo(Number(means?.["base_auc"]), 12);
    expect(row?.["auc_sd"]).toBeCloseTo(Number(means?.["auc_sd"]), 12);
    expect(row?.["logloss"]).toBeCloseTo(Number(means?.["logloss"]), 12);
    const lift = Number(row?.["auc_lift"]);
    expect(Number(row?.["auc_lift_low"])).toBeGreaterThan(0);
    expect(Number(row?.["auc_lift_low"])).toBeLessThan(lift);
    expect(Number(row?.["auc_lift_high"])).toBeGreaterThan(lift);
  });
});
