import { mkdir, readFile, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileCommitStore } from "../../src/flow/manifest.ts";
import { namesIn, nullIfMissing, replaceFile } from "../../src/base/files/durable-file.ts";
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

  test("commits once and leaves nothing else where there are no hard links", async () => {
    const runDir = await scratchFolder();
    const noLink = () => Promise.reject(Object.assign(new Error("EPERM"), { code: "EPERM" }));
    const store = fileCommitStore(runDir, noLink);
    const [first, second] = [1, 2].map((seconds) => ({ ...manifestOf(task, []), seconds }));
    expect(await store.putIfAbsent(first ?? manifestOf(task, []))).toBe(true);
    expect(await store.putIfAbsent(second ?? manifestOf(task, []))).toBe(false);
    expect(await store.get("count", "abc")).toEqual(first);
    expect(await readdir(join(runDir, "manifests", "count"))).toEqual(["abc.json"]);
  });

  test.each<[string, (path: string) => Promise<void>, string]>([
    ["gone", (path) => rm(path), "it is missing"],
    ["cut short", (path) => writeFile(path, "hell"), "it has 4 bytes, 5 were written"],
    ["grown", (path) => writeFile(path, "hello!"), "it has 6 bytes, 5 were written"],
  ])(
    "names a part that is %s, and the cure; reading deletes nothing",
    async (_what, damage, fault) => {
      const runDir = await scratchFolder();
      await commitTask(runDir, task, "hello");
      await damage(join(runDir, "tables/words/hello"));
      const store = fileCommitStore(runDir);
      await expect(store.get("count", "abc")).rejects.toMatchObject({
        code: "RUN_INVALID",
        message: `${join(runDir, "tables/words/hello")}: ${fault}. Mend the run with: r4ec run ${runDir}/pipeline.yaml --out ${runDir} --repair (it redoes the tasks that wrote what is damaged, and what follows from them)`,
      });
      expect(await store.all()).toHaveLength(1);
    },
  );

  test.each<[string, string]>([
    ["empty", ""],
    ["cut in half", '{"key": "abc", "stage": "count", "fi'],
    ["other JSON", '{"name": "notes"}'],
    ["of another task", JSON.stringify(manifestOf({ ...task, key: "def" }, []))],
    ["of another stage", JSON.stringify(manifestOf({ ...task, stage: "sum" }, []))],
    [
      "naming a file outside of the run",
      JSON.stringify(manifestOf(task, [part("words", "x", "tables/words/../../../x")])),
    ],
    [
      "naming an absolute path",
      JSON.stringify(manifestOf(task, [part("words", "x", "/etc/hostname")])),
    ],
  ])("takes a manifest that is %s for damaged, naming it and the cure", async (_what, text) => {
    const runDir = await scratchFolder();
    await mkdir(join(runDir, "manifests/count"), { recursive: true });
    const path = join(runDir, "manifests/count/abc.json");
    await writeFile(path, text);
    const store = fileCommitStore(runDir);
    const fault = {
      code: "RUN_INVALID",
      message: expect.stringContaining(`${path}: it is not the manifest of this task`) as unknown,
    };
    await expect(store.get("count", "abc")).rejects.toMatchObject(fault);
    await expect(store.all()).rejects.toMatchObject(fault);
    const told: unknown[] = [];
    expect(await store.all((place) => told.push(place))).toEqual([]);
    expect(told).toEqual([{ stage: "count", key: "abc" }]);
  });

  test("undoes a commit by the names in its manifest, and follows no link", async () => {
    const runDir = await scratchFolder();
    const elsewhere = await scratchFolder();
    await commitTask(runDir, task, "hello");
    await writeFile(join(runDir, "tables/words/other"), "");
    await rename(join(runDir, "tables/words"), join(elsewhere, "words"));
    await symlink(join(elsewhere, "words"), join(runDir, "tables/words"));
    const store = fileCommitStore(runDir);
    const [manifest] = await store.all();
    if (manifest === undefined) throw new Error("committed above");
    await store.drop(manifest);
    expect(await readdir(join(elsewhere, "words"))).toEqual(["hello", "other"]);
    expect(await commitTask(runDir, task, "hello")).toBe(true);
    await rm(join(runDir, "tables/words"));
    await rename(join(elsewhere, "words"), join(runDir, "tables/words"));
    await store.drop(manifest);
    expect(await readdir(join(runDir, "tables/words"))).toEqual(["other"]);
    expect(await store.all()).toEqual([]);
  });

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
