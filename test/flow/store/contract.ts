import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { FlowErrorCode } from "../../../src/base/errors.ts";
import { limitConcurrency } from "../../../src/base/limit-concurrency.ts";
import { probeStore } from "../../../src/flow/store/probe.ts";
import type { RunStore, StoredFile } from "../../../src/flow/store/run-store.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

/**
 * What every store must do.
 *
 * @param open - A store without files; each call another one
 */
export function testStore(title: string, open: () => Promise<RunStore>): void {
  const opened = async (): Promise<RunStore> => {
    const store = await open();
    onTestFinished(() => store.close());
    return store;
  };

  describe(title, { timeout: 240_000 }, () => {
    test("reads what was written, over what was there, and null where there is nothing", async () => {
      const store = await opened();
      expect(await store.get("a/b.json")).toBeNull();
      await store.put("a/b.json", "first, ü");
      expect(textOf(await store.get("a/b.json"))).toBe("first, ü");
      await store.put("a/b.json", new Uint8Array([0, 255, 10]));
      expect([...((await store.get("a/b.json")) ?? [])]).toEqual([0, 255, 10]);
      await store.put("a/b.json", "");
      expect((await store.get("a/b.json"))?.byteLength).toBe(0);
      expect(await store.get("a")).toBeNull();
    });

    test("deletes a file, and nothing where there is none", async () => {
      const store = await opened();
      await store.put("a/b", "x");
      await store.put("a/bc", "y");
      await store.delete("a/b");
      await store.delete("a/b");
      await store.delete("no/such");
      expect(await keysOf(store, "")).toEqual(["a/bc"]);
    });

    test("writes a file that must not exist once", async () => {
      const store = await opened();
      expect(await store.putIfAbsent("m/1.json", "mine")).toBe(true);
      expect(await store.putIfAbsent("m/1.json", "yours")).toBe(false);
      expect(textOf(await store.get("m/1.json"))).toBe("mine");
      await store.delete("m/1.json");
      expect(await store.putIfAbsent("m/1.json", "yours")).toBe(true);
    });

    test("lets one of eight writers at once win, and keeps what it wrote", async () => {
      const store = await opened();
      for (let race = 0; race < 12; race++) {
        const key = `manifests/${race}.json`;
        const won = await Promise.all(
          Array.from({ length: 8 }, (_, writer) => store.putIfAbsent(key, `writer ${writer}`)),
        );
        expect(won.filter(Boolean)).toHaveLength(1);
        expect(textOf(await store.get(key))).toBe(`writer ${won.indexOf(true)}`);
      }
    });

    test("never shows a file that is half-written", async () => {
      const store = await opened();
      const contents = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
      await store.put("a", contents[0] ?? "");
      const read = async (): Promise<void> => {
        for (let turn = 0; turn < 8; turn++)
          expect(contents).toContain(textOf(await store.get("a")));
      };
      await Promise.all([...contents.map((content) => store.put("a", content)), read(), read()]);
    });

    test("passes the probe, which leaves nothing", async () => {
      const store = await opened();
      await probeStore(store);
      expect(await keysOf(store, "")).toEqual([]);
    });

    test("takes 40 MiB up and down again", async () => {
      const store = await opened();
      const folder = await scratchFolder();
      const content = randomBytes(40 * 1024 * 1024 + 7);
      await writeFile(join(folder, "up"), content);
      await store.upload("tables/t/part 1.parquet", join(folder, "up"));
      expect(await listOf(store, "tables/")).toMatchObject([
        { key: "tables/t/part 1.parquet", bytes: content.byteLength },
      ]);
      expect(await store.download("tables/t/part 1.parquet", join(folder, "new", "down"))).toBe(
        true,
      );
      expect(sha256(await readFile(join(folder, "new", "down")))).toBe(sha256(content));
      expect(await readdir(join(folder, "new"))).toEqual(["down"]);
    });

    test("takes small and empty files up and down, over what was there", async () => {
      const store = await opened();
      const folder = await scratchFolder();
      for (const text of ["one", "", "three"]) {
        await writeFile(join(folder, "up"), text);
        await store.upload("logs/log", join(folder, "up"));
        expect(await store.download("logs/log", join(folder, "down"))).toBe(true);
        expect(await readFile(join(folder, "down"), "utf8")).toBe(text);
      }
    });

    test("downloads nothing where there is no file, and leaves nothing behind", async () => {
      const store = await opened();
      const folder = await scratchFolder();
      await mkdir(join(folder, "new"));
      expect(await store.download("no/such", join(folder, "new", "down"))).toBe(false);
      expect(await readdir(join(folder, "new"))).toEqual([]);
    });

    test("fails to upload a file that is not there, and writes nothing", async () => {
      const store = await opened();
      const missing = join(await scratchFolder(), "missing");
      await expect(store.upload("a/b", missing)).rejects.toThrow(/ENOENT.*missing/);
      expect(await keysOf(store, "")).toEqual([]);
    });

    test("keeps keys with spaces, signs and other scripts apart", async () => {
      const store = await opened();
      const keys = ["a b", "a%20b", "a+b", "ü/é", "x=1&y#?.json", "評価/★", "a'b"];
      for (const key of keys) await store.put(key, key);
      for (const key of keys) expect(textOf(await store.get(key))).toBe(key);
      expect(await keysOf(store, "")).toEqual(inOrder(keys));
      for (const key of keys) await store.delete(key);
      expect(await keysOf(store, "")).toEqual([]);
    });

    test("lists what begins with a prefix, in the order of UTF-8", async () => {
      const store = await opened();
      const kept = ["m/a-b", "m/a/c", "m/a.b", "m/B", "m/ab/1", "ma", "n/1", "m/ｚ", "m/😀"];
      for (const key of kept) await store.put(key, key);
      expect(await keysOf(store, "")).toEqual(inOrder(kept));
      expect(await keysOf(store, "m/")).toEqual(inOrder(kept.filter((key) => /^m\//.test(key))));
      expect(await keysOf(store, "m/a")).toEqual(inOrder(kept.filter((key) => /^m\/a/.test(key))));
      expect(await keysOf(store, "m/a/")).toEqual(["m/a/c"]);
      expect(await keysOf(store, "no/such/")).toEqual([]);
    });

    test("lists more than a thousand files, each with its size", async () => {
      const store = await opened();
      const keys = Array.from({ length: 1_003 }, (_, place) => `stage/${place}.json`);
      await limitConcurrency(
        8,
        keys.map((key) => () => store.put(key, key)),
      );
      const listed = await listOf(store, "stage/");
      expect(listed.map(({ key }) => key)).toEqual(inOrder(keys));
      expect(listed.every(({ key, bytes }) => bytes === key.length)).toBe(true);
      const agesMs = listed.map(({ writtenMs }) => Math.abs(Date.now() - writtenMs));
      expect(Math.max(...agesMs)).toBeLessThan(600_000);
    });

    test("gives another tag to other content, and the same while nothing is written", async () => {
      const store = await opened();
      const tagOf = async (): Promise<string | undefined> => (await listOf(store, "a"))[0]?.tag;
      await store.put("a", "1");
      const before = await tagOf();
      expect(before).not.toBe("");
      expect(await tagOf()).toBe(before);
      await store.put("a", "2");
      expect(await tagOf()).not.toBe(before);
    });

    test.each(["", "/a", "a/", "a//b", ".", "a/../b", "./a", "a\\b", "a\nb", "n".repeat(300)])(
      "refuses the key %j",
      async (key) => {
        const store = await opened();
        const path = join(await scratchFolder(), "file");
        await writeFile(path, "x");
        const refusal = /Expected `key`/;
        await expect(store.get(key)).rejects.toThrow(refusal);
        await expect(store.put(key, "x")).rejects.toThrow(refusal);
        await expect(store.putIfAbsent(key, "x")).rejects.toThrow(refusal);
        await expect(store.upload(key, path)).rejects.toThrow(refusal);
        await expect(store.download(key, `${path}2`)).rejects.toThrow(refusal);
        await expect(store.delete(key)).rejects.toThrow(refusal);
      },
    );

    test.each(["/", "../", "a//b", "a/../", "a\\"])("refuses the prefix %j", async (prefix) => {
      const store = await opened();
      await expect(keysOf(store, prefix)).rejects.toThrow(/Expected `prefix`/);
    });
  });
}

async function listOf(store: RunStore, prefix: string): Promise<readonly StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const file of store.list(prefix)) files.push(file);
  return files;
}

/** Keys as a store lists them. */
export async function keysOf(store: RunStore, prefix: string): Promise<readonly string[]> {
  return (await listOf(store, prefix)).map(({ key }) => key);
}

/** A FlowError of a code, with a message, for `rejects.toEqual`. */
export function failure(code: FlowErrorCode, message: RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) as unknown });
}

/** A file's text; null where there is no file. */
export function textOf(content: Uint8Array | null): string | null {
  return content === null ? null : Buffer.from(content).toString("utf8");
}

function inOrder(keys: readonly string[]): readonly string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
