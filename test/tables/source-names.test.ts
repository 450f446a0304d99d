import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeStageManifest } from "../../src/flow/stage-manifest.ts";
import { sourceNames } from "../../src/tables/source-ids/source-names.ts";
import { quote } from "../../src/tables/quote.ts";
import { fileRef } from "../util/file-ref.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

async function nameAll(subject: "user" | "item", ids: readonly number[]): Promise<string[]> {
  const names = await sourceNames(memory.db, memory.dir);
  return ids.map(await names[subject](ids));
}

test("a run without dictionaries, or without an ingest yet, has integers for names", async () => {
  expect(await nameAll("user", [3, 1])).toEqual(["3", "1"]);
});

test("names are the source's ids where a dictionary numbers them", async () => {
  await mkdir(join(memory.dir, "tables"));
  await memory.db.run(
    `copy (select unnest([1, 2])::integer as user_id, unnest(['2', 'O''Hara "é"']) as source_id)
     to ${quote(join(memory.dir, "tables/d.parquet"))} (format parquet)`,
  );
  await writeStageManifest(memory.dir, {
    ...{ stage: "ingest", key: "", inputs: [], outputs: [], tasks: 1, taskSeconds: 0 },
    files: [fileRef(memory.dir, "user_dictionary", "tables/d.parquet", 2)],
  });
  expect(await nameAll("user", [2, 1, 1])).toEqual(['O\'Hara "é"', "2", "2"]);
  expect(await nameAll("user", [9])).toEqual(["9"]);
  expect(await nameAll("item", [2, 1])).toEqual(["2", "1"]);
});
