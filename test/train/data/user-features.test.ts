import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDenseIndex } from "../../../src/train/data/dense-index.ts";
import { loadUserFeatures } from "../../../src/train/data/user-features.ts";
import { openRunFolder, type RunFolder } from "../run-folder.ts";

let run: RunFolder;
beforeAll(async () => {
  run = await openRunFolder();
  const people = [
    { id: 9, attributes: { gender: ["M"], age: ["25"] } },
    { id: 3, attributes: { gender: ["F"], age: ["50"] } },
    { id: 5, attributes: { age: ["18", "25"] } },
    { id: 7, attributes: { gender: ["M"], age: ["1"] } },
  ];
  await run.mount({ users: [await run.writeUsers(people)] });
});
afterAll(() => run.close());

/** Users with samples; 7 has none, and 8 is not in the table. */
const index = createDenseIndex(Int32Array.of(3, 5, 8, 9));

describe("loadUserFeatures", () => {
  test("numbers ids and first values field by field; 0 = unknown", async () => {
    const features = await loadUserFeatures(run.db, ["id", "gender", "age"], index);
    // Ids 1 to 4, F 5, M 6, then the ages as texts: 1, 18, 25, 50 as 7 to 10.
    expect(features).toMatchObject({ fields: 3, values: 10 });
    expect([...(features?.ids ?? [])]).toEqual([
      ...[0, 0, 0],
      ...[1, 5, 10],
      ...[2, 0, 8],
      ...[3, 0, 0],
      ...[4, 6, 9],
    ]);
  });

  test("is nothing without features", async () => {
    expect(await loadUserFeatures(run.db, [], index)).toBeUndefined();
  });

  test("names the attributes there are when one is not", async () => {
    await expect(loadUserFeatures(run.db, ["id", "zip"], index)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: 'train.userFeatures: no user has an attribute "zip"; the users have age, gender',
    });
  });
});
