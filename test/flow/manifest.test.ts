import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileCommitStore } from "../../src/flow/manifest.ts";
import { namesIn, nullIfMissing, replaceFile } from "../../src/base/durable-file.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { commitTask, manifestOf, part } from "./stage-of.ts";

const task = { stage: "count", key: "abc", index: 0, outputs: ["words"] };

describe("fileCommitStore", () => {
  test("gives back what was committed", async () => {
    const runDir = await scratchFolder();
    expect(await commitTask(runDir, task, "hello")).toBe(true);
    const store = fileCommitStore(runDir);
    expect(await store.get("count", "abc")).toEqual(manifestOf(task, [part("words", "hello")]));
    expect(await store.get("count", "other")).toBeNull();
    expect(await store.get("other", "abc")).toBeNull();
  });

  test("lets exactly one of 20 concurrent writers win, and keeps its manifest whole", async () => {
    const runDir = await scratchFolder();
    const attempts = Array.from({ length: 20 }, (_, n) => ({
      ...manifestOf(task, []),
      seconds: n,
    }));
    const won = await Promise.all(
      attempts.map((manifest) => fileCommitStore(runDir).putIfAbsent(manifest)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    const store = fileCommitStore(runDir);
    expect(await store.get("count", "abc")).toEqual(attempts[won.indexOf(true)]);
    expect(await readdir(join(runDir, "manifests", "count"))).toEqual(["abc.json"]);
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ["gone", (path) => rm(path)],
    ["cut short", (path) => writeFile(path, "hell")],
    ["grown", (path) => writeFile(path, "hello!")],
  ])(
    "takes a manifest whose part is %s for void: the task can be committed anew",
    async (_what, damage) => {
      const runDir = await scratchFolder();
      await commitTask(runDir, task, "hello");
      await damage(join(runDir, "tables/words/hello"));
      const store = fileCommitStore(runDir);
      expect(await store.all()).toEqual([]);
      expect(await store.get("count", "abc")).toBeNull();
      expect(await commitTask(runDir, task, "hello")).toBe(true);
      expect(await store.all()).toHaveLength(1);
    },
  );

  test("lists the manifests of every stage, and nothing else that lies there", async () => {
    const runDir = await scratchFolder();
    const store = fileCommitStore(runDir);
    expect(await store.all()).toEqual([]);
    await commitTask(runDir, task);
    await commitTask(runDir, { ...task, key: "def", index: 1 });
    await commitTask(runDir, { ...task, stage: "sum", outputs: ["sums"] });
    await writeFile(join(runDir, "manifests", "count", "ghi.json.123.tmp"), "{");
    await writeFile(join(runDir, "manifests", "README"), "");
    const listed = (await store.all()).map(({ stage, key }) => `${stage} ${key}`);
    expect(listed).toEqual(["count abc", "count def", "sum abc"]);
  });
});

describe("replaceFile", () => {
  test("makes the folders, replaces the content and leaves nothing beside it", async () => {
    const folder = join(await scratchFolder(), "a", "b");
    await replaceFile(join(folder, "file"), "old");
    await replaceFile(join(folder, "file"), "new");
    expect(await readFile(join(folder, "file"), "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["file"]);
  });
});

describe("namesIn and nullIfMissing", () => {
  test("take what does not exist for empty, also below a file", async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, "file"), "");
    expect(await namesIn(join(folder, "none"))).toEqual([]);
    expect(await namesIn(join(folder, "file"))).toEqual([]);
    for (const path of ["none", "file/none"]) {
      expect(await readFile(join(folder, path)).catch(nullIfMissing)).toBeNull();
    }
    await expect(readFile(folder).catch(nullIfMissing)).rejects.toThrow(/EISDIR/);
  });
});
