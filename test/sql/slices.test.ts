import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { makeRunTable, type Cell } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

const model = { backbone: "dcn", variant: "base", trial: 2, seed: 1 };

/** Training rows of a user with an item. */
function training(user: number, item: number, rows: number): Record<string, Cell>[] {
  return Array.from({ length: rows }, () => ({ user_id: user, item_id: item, split: "train" }));
}

/** What the model gave a user's rows 1, 2, 3, … with these items. */
function predictions(user: number, items: readonly number[]): Record<string, Cell>[] {
  return items.map((item, place) => ({
    ...model,
    ...{ user_id: user, rn: place + 1, item_id: item, label: 1, probability: 0.5 },
  }));
}

async function bucketsOf(column: "item_bucket" | "user_bucket") {
  const rows = await memory.db.rows(sqlFile("experiments/bucketed_predictions"), model);
  return rows.map((row) => [row["user_id"], row["rn"], row[column]]);
}

describe("experiments/bucketed_predictions", () => {
  test("items: cold without training rows, tail with the rarest fifth of them, head with the rest", async () => {
    await makeRunTable(memory.db, "samples", [
      ...training(1, 10, 1),
      ...training(1, 11, 1),
      ...training(1, 12, 2), // the first three hold 4 of 20 rows: exactly a fifth
      ...training(1, 13, 3),
      ...training(1, 14, 13),
      { user_id: 1, item_id: 15, split: "valid" },
      { user_id: 1, item_id: 15, split: "test" },
    ]);
    await makeRunTable(memory.db, "predictions", predictions(1, [14, 13, 12, 11, 10, 15, 16]));
    expect(await bucketsOf("item_bucket")).toEqual([
      [1, 1, 2],
      [1, 2, 2],
      [1, 3, 1],
      [1, 4, 1],
      [1, 5, 1],
      [1, 6, 0],
      [1, 7, 0],
    ]);
  });

  test("items: equally popular ones share a bucket, so that a tail may be less than a fifth", async () => {
    await makeRunTable(memory.db, "samples", [
      ...training(1, 10, 1),
      ...training(1, 11, 2),
      ...training(1, 12, 2), // with both, 5 of 10 rows: too many
      ...training(1, 13, 5),
    ]);
    await makeRunTable(memory.db, "predictions", predictions(1, [10, 11, 12, 13]));
    expect((await bucketsOf("item_bucket")).map(([, , bucket]) => bucket)).toEqual([1, 2, 2, 2]);
  });

  test("users: new without training rows, the others by thirds of all that have some", async () => {
    await makeRunTable(memory.db, "samples", [
      ...[1, 2, 3, 4, 5, 6].flatMap((user) => training(user, 10, user)),
      { user_id: 7, item_id: 10, split: "test" },
    ]);
    await makeRunTable(
      memory.db,
      "predictions",
      [7, 6, 5, 4, 3, 2, 1].flatMap((user) => predictions(user, [10])),
    );
    expect(await bucketsOf("user_bucket")).toEqual([
      [1, 1, 1],
      [2, 1, 1],
      [3, 1, 2],
      [4, 1, 2],
      [5, 1, 3],
      [6, 1, 3],
      [7, 1, 0],
    ]);
  });

  test("users: equally active ones share a bucket", async () => {
    await makeRunTable(memory.db, "samples", [
      ...[1, 2, 3].flatMap((user) => training(user, 10, 4)),
      ...training(4, 10, 5),
    ]);
    await makeRunTable(
      memory.db,
      "predictions",
      [1, 2, 3, 4].flatMap((user) => predictions(user, [10])),
    );
    expect((await bucketsOf("user_bucket")).map(([, , bucket]) => bucket)).toEqual([1, 1, 1, 3]);
  });

  test("gives the rows of one model only, each once, by user and place", async () => {
    await makeRunTable(memory.db, "samples", training(1, 10, 3));
    await makeRunTable(memory.db, "predictions", [
      ...predictions(3, [10, 10]).toReversed(),
      ...predictions(1, [10]),
      ...["backbone", "variant"].map((key) => ({ ...predictions(8, [10])[0], [key]: "other" })),
      ...["trial", "seed"].map((key) => ({ ...predictions(9, [10])[0], [key]: 7 })),
    ]);
    expect((await bucketsOf("user_bucket")).map(([user, rn]) => [user, rn])).toEqual([
      [1, 1],
      [3, 1],
      [3, 2],
    ]);
  });
});

describe("experiments/predicting_models", () => {
  test("names each model once, in order", async () => {
    await makeRunTable(memory.db, "predictions", [
      ...predictions(1, [10, 11]),
      { ...predictions(1, [10])[0], trial: 1 },
      { ...predictions(1, [10])[0], backbone: "autoint" },
    ]);
    expect(await memory.db.rows(sqlFile("experiments/predicting_models"))).toEqual([
      { ...model, backbone: "autoint" },
      { ...model, trial: 1 },
      model,
    ]);
  });
});
