import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { collectOrphans } from "../../../src/flow/store/collect-orphans.ts";
import { folderStore } from "../../../src/flow/store/folder-store.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { keysOf } from "./contract.ts";

const hours = 60 * 60;
const manifest = "manifests/words/a.json";

/** A store with a manifest that names `kept`, and with files of such an age, in hours before the last one. */
async function storeOf(ages: Readonly<Record<string, number>>) {
  const root = await scratchFolder();
  const store = folderStore(root);
  const now = 1_700_000_000; // the store's clock need not be ours
  for (const [key, age] of Object.entries({ [manifest]: 90, "leases/1.json": 0, ...ages })) {
    await store.put(key, key);
    await utimes(join(root, key), now - age * hours, now - age * hours);
  }
  const copy = {
    isKnown: (path: string) => path === manifest,
    namedKeys: () => new Set(["tables/words/kept"]),
  };
  return { store, copy };
}

describe("collectOrphans", () => {
  test("removes what nothing names and was written more than a day before the last file", async () => {
    const { store, copy } = await storeOf({
      ...{ "tables/words/kept": 80, "tables/words/old": 25, "tables/words/young": 23 },
      ...{ "models/m/model.onnx@0123": 48, "report/index.html": 70, "cache/answers/x/0": 70 },
    });
    expect(await collectOrphans(store, copy)).toBe(2);
    expect(await keysOf(store, "tables/")).toEqual(["tables/words/kept", "tables/words/young"]);
    expect(await keysOf(store, "models/")).toEqual([]);
    expect(await keysOf(store, "")).toContain("report/index.html");
  });

  test("removes nothing where there is a manifest that the copy does not know", async () => {
    const { store, copy } = await storeOf({ "tables/words/old": 90, "manifests/words/b.json": 80 });
    expect(await collectOrphans(store, copy)).toBe(0);
  });

  test("removes nothing where the store does not say when files were written", async () => {
    const { store, copy } = await storeOf({ "tables/words/old": 90 });
    const list = async function* (prefix: string) {
      for await (const file of store.list(prefix)) yield { ...file, writtenMs: NaN };
    };
    expect(await collectOrphans({ ...store, list }, copy)).toBe(0);
  });
});
