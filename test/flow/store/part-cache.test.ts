import { randomBytes } from "node:crypto";
import { readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256OfFile, type NamedFile } from "../../../src/flow/file-check.ts";
import { folderStore } from "../../../src/flow/store/folder-store.ts";
import { partCache } from "../../../src/flow/store/part-cache.ts";
import type { RunStore } from "../../../src/flow/store/run-store.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

/** A store with parts of 1,000 bytes, and how often one was downloaded. */
async function storeOf(count: number) {
  const root = await scratchFolder();
  const inner = folderStore(root);
  const parts: NamedFile[] = [];
  for (let part = 0; part < count; part++) {
    const path = `tables/words/part-${part}`;
    const file = join(await scratchFolder(), "part");
    await writeFile(file, randomBytes(1000));
    await inner.upload(path, file);
    parts.push({ path, bytes: 1000, sha256: await sha256OfFile(file) });
  }
  const seen = { downloads: 0 };
  const store: RunStore = {
    ...inner,
    download: (key, path) => {
      seen.downloads++;
      return inner.download(key, path);
    },
  };
  return { store, parts, seen };
}

async function bytesIn(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { recursive: true })) {
    const found = await stat(join(dir, entry));
    if (found.isFile()) bytes += found.size;
  }
  return bytes;
}

test("fetches a part from the store once, whoever asks", async () => {
  const { store, parts, seen } = await storeOf(1);
  const [part] = parts;
  const dir = join(await scratchFolder(), "parts");
  const folder = await scratchFolder();
  for (const name of ["a", "b"]) {
    expect(part && (await partCache(dir, 1e6).fetch(store, part, join(folder, name)))).toBe(true);
  }
  expect(seen.downloads).toBe(1);
  expect(await readFile(join(folder, "b"))).toEqual(await readFile(join(folder, "a")));
});

test("says where the store has no such file", async () => {
  const { store } = await storeOf(0);
  const cache = partCache(join(await scratchFolder(), "parts"), 1e6);
  const file = { path: "tables/words/none", bytes: 1, sha256: "0".repeat(64) };
  expect(await cache.fetch(store, file, join(await scratchFolder(), "none"))).toBe(false);
});

test("removes what was used longest ago beyond its limit, and leaves it where it is in use", async () => {
  const { store, parts, seen } = await storeOf(4);
  const dir = join(await scratchFolder(), "parts");
  const folder = await scratchFolder();
  const cache = partCache(dir, 3000);
  const old = new Date(Date.now() - 60_000);
  for (const [place, part] of parts.slice(0, 3).entries()) {
    await cache.fetch(store, part, join(folder, `first-${place}`));
    await utimes(join(dir, part.sha256.slice(0, 2), part.sha256), old, old);
  }
  const [first, second, , last] = parts;
  if (!first || !second || !last) throw new Error("no parts");
  await cache.fetch(store, first, join(folder, "again")); // used now
  expect(seen.downloads).toBe(3);
  await cache.fetch(store, last, join(folder, "last"));
  expect(await bytesIn(dir)).toBe(3000);
  await cache.fetch(store, first, join(folder, "still"));
  expect(seen.downloads).toBe(4);
  expect((await stat(join(folder, "first-1"))).size).toBe(1000);
});
