import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sourceOf } from "../../../src/dataset/sources/registry.ts";
import { datasetSettings, type DatasetSettings } from "../../../src/dataset/settings.ts";
import { makeFolder } from "../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const fingerprint = (dataset: DatasetSettings): Promise<string> =>
  sourceOf(dataset).fingerprint(dataset);

const memory = useMemoryDatabase();
const files = { "ratings.dat": "1::1::5::1\n", "movies.dat": "1::A::\n", "users.dat": "1::F\n" };

async function fingerprintOf(changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const path = await makeFolder(join(memory.dir, "source"), { ...files, ...changes });
  return fingerprint(datasetSettings.parse({ source: "movielens", path }));
}

test("names each file with its content; rewriting or touching it changes nothing", async () => {
  const first = await fingerprintOf();
  expect(first).toMatch(
    /^ratings.dat:[0-9a-f]{64} movies.dat:[0-9a-f]{64} users.dat:[0-9a-f]{64}$/,
  );
  await utimes(join(memory.dir, "source", "ratings.dat"), 1, 1);
  expect(await fingerprintOf()).toBe(first);
});

test.each(Object.keys(files))("changes when %s changes", async (name) => {
  const first = await fingerprintOf();
  expect(await fingerprintOf({ [name]: "1::2::4::1\n" })).not.toBe(first);
});

test("other files in the folder do not matter", async () => {
  const first = await fingerprintOf();
  expect(await fingerprintOf({ README: "new" })).toBe(first);
});

test("the quickstart is known by its film catalogue", async () => {
  expect(await fingerprint(datasetSettings.parse({ source: "quickstart" }))).toMatch(
    /^films.csv:[0-9a-f]{64}$/,
  );
});
