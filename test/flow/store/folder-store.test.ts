import { link, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderStore } from "../../../src/flow/store/folder-store.ts";
import { probeStore } from "../../../src/flow/store/probe.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { failure, keysOf, testStore, textOf } from "./contract.ts";

testStore("folderStore", async () => folderStore(await scratchFolder()));

const failsWith = (code: string) => () =>
  Promise.reject(Object.assign(new Error(`${code}: link`), { code }));

test("takes a missing folder for no empty store", async () => {
  const root = join(await scratchFolder(), "unmounted");
  const store = folderStore(root);
  const file = join(await scratchFolder(), "file");
  await writeFile(file, "x");
  const isMissing = failure(
    "STORE_FAILED",
    /unmounted.*a\/b.*The folder is not there: mount or create it/,
  );
  await expect(store.get("a/b")).rejects.toEqual(isMissing);
  await expect(store.put("a/b", "x")).rejects.toEqual(isMissing);
  await expect(store.putIfAbsent("a/b", "x")).rejects.toEqual(isMissing);
  await expect(store.upload("a/b", file)).rejects.toEqual(isMissing);
  await expect(store.download("a/b", `${file}2`)).rejects.toEqual(isMissing);
  await expect(store.delete("a/b")).rejects.toEqual(isMissing);
  await expect(keysOf(store, "a/b/")).rejects.toEqual(isMissing);
});

test("names file and cure where a folder is in the way", async () => {
  const root = await scratchFolder();
  await writeFile(join(root, "a"), "");
  const store = folderStore(root);
  await expect(store.put("a/b", "x")).rejects.toEqual(
    failure("STORE_FAILED", /could not write a\/b .*fix the permissions or the mount/),
  );
});

test("tries again what a network file system fails with for a while", async () => {
  let calls = 0;
  const root = await scratchFolder();
  const away = () => (++calls < 3 ? failsWith("ESTALE")() : Promise.resolve());
  const store = folderStore(root, { waits: [1, 1, 1], makeLink: away });
  expect(await store.putIfAbsent("a", "x")).toBe(true);
  expect(calls).toBe(3);
  const gone = folderStore(root, { waits: [1, 1], makeLink: failsWith("EIO") });
  await expect(gone.putIfAbsent("a", "x")).rejects.toEqual(
    failure("STORE_FAILED", /could not write a \(EIO: link\)/),
  );
});

test("is not used on a file system without hard links", async () => {
  const store = folderStore(await scratchFolder(), { makeLink: failsWith("ENOTSUP") });
  await expect(probeStore(store)).rejects.toEqual(
    failure("CONFIG_INVALID", /has no hard links.*Use a store that has conditional writes/),
  );
  expect(await keysOf(store, "")).toEqual([]);
});

test("wins though the reply to its link was lost", async () => {
  const store = folderStore(await scratchFolder(), {
    makeLink: async (path, name) => {
      await link(path, name);
      await link(path, name);
    },
  });
  expect(await store.putIfAbsent("a", "mine")).toBe(true);
  expect(await store.putIfAbsent("a", "yours")).toBe(false);
});

test("lists neither unfinished files nor links, and leaves none of its own", async () => {
  const root = await scratchFolder();
  const store = folderStore(root);
  await mkdir(join(root, "a"));
  await writeFile(join(root, "a/b.0b1a2f3c-1111-4222-8333-444455556666.tmp"), "half");
  await symlink(join(root, "a/b"), join(root, "a/link"));
  await store.put("a/b", "x");
  await store.putIfAbsent("a/c", "x");
  await store.putIfAbsent("a/c", "y");
  expect(await keysOf(store, "")).toEqual(["a/b", "a/c"]);
  expect(await readdir(join(root, "a"))).toHaveLength(4);
  expect(textOf(await store.get("a/c"))).toBe("x");
});
