import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { namesIn, nullIfMissing } from "../../../src/base/files/durable-file.ts";
import { fileCommitStore } from "../../../src/flow/manifest.ts";
import { folderStore } from "../../../src/flow/store/folder-store.ts";
import { partCache } from "../../../src/flow/store/part-cache.ts";
import type { RunStore } from "../../../src/flow/store/run-store.ts";
import {
  openWorkingCopy,
  type WantedFiles,
  type WorkingCopy,
} from "../../../src/flow/store/working-copy.ts";
import { fileRef } from "../../util/file-ref.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { keysOf, textOf } from "./contract.ts";

const everything: WantedFiles = { named: () => true };

async function copyOf(store: RunStore, wanted = everything): Promise<WorkingCopy> {
  const dir = join(await scratchFolder(), "run");
  await mkdir(dir);
  return openWorkingCopy(store, dir, wanted, partCache(join(await scratchFolder(), "parts"), 1e9));
}

async function newStore(): Promise<RunStore> {
  return folderStore(await scratchFolder());
}

async function write({ dir }: WorkingCopy, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), text);
}

function read({ dir }: WorkingCopy, path: string): Promise<string | null> {
  return readFile(join(dir, path), "utf8").catch(nullIfMissing);
}

const key = "f".repeat(64);
const manifestPath = `manifests/words/${key}.json`;

/** Commits a task in a copy: a part, a model, and a manifest that names them. */
async function commit(
  copy: WorkingCopy,
  { part, text, model = null }: { part: string; text: string; model?: string | null },
): Promise<void> {
  const path = `tables/words/${part}`;
  await write(copy, path, text);
  const files = [fileRef(copy.dir, "words", path, 1)];
  if (model !== null) await write(copy, "models/m/model.onnx", model);
  const artifacts = model === null ? [] : [fileRef(copy.dir, "", "models/m/model.onnx", 0)];
  const manifest = {
    ...{ key, stage: "words", index: 0, files, artifacts },
    ...{ seconds: 1, finishedAt: "2026-01-01T00:00:00.000Z" },
  };
  await write(copy, manifestPath, JSON.stringify(manifest));
}

async function complete(copy: WorkingCopy, part: string): Promise<void> {
  const files = [fileRef(copy.dir, "words", `tables/words/${part}`, 1)];
  await write(copy, "stages/words.json", JSON.stringify({ stage: "words", files }));
}

const task = { stage: "words", key };

describe("openWorkingCopy", () => {
  test("gives another machine what was written in a copy, and nothing that only a process needs", async () => {
    const store = await newStore();
    const copy = await copyOf(store);
    await commit(copy, { part: "part-1", text: "quiet", model: "weights" });
    await complete(copy, "part-1");
    await write(copy, "pipeline.yaml", "name: x");
    for (const path of ["tmp/a/spill", "attempts/1.json", "lock", "cache/encoders/x/model"]) {
      await write(copy, path, "local");
    }
    await copy.push();
    expect(await keysOf(store, "")).toEqual([
      manifestPath,
      expect.stringMatching(/^models\/m\/model\.onnx@[0-9a-f]{12}$/),
      "pipeline.yaml",
      "stages/words.json",
      "tables/words/part-1",
    ]);

    const other = await copyOf(store);
    expect(await read(other, "tables/words/part-1")).toBe("quiet");
    expect(await read(other, "models/m/model.onnx")).toBe("weights");
    expect(await read(other, "pipeline.yaml")).toBe("name: x");
    expect(await read(other, manifestPath)).toBe(await read(copy, manifestPath));
  });

  test("fetches only what is wanted", async () => {
    const store = await newStore();
    const copy = await copyOf(store);
    await commit(copy, { part: "part-1", text: "quiet", model: "weights" });
    await write(copy, "cache/answers/run-1.jsonl", "{}\n");
    await copy.push();
    const other = await copyOf(store, {
      path: (path) => !path.startsWith("cache/"),
      named: ({ path }) => path.startsWith("models/"),
    });
    expect(await read(other, "cache/answers/run-1.jsonl")).toBeNull();
    expect(await read(other, "tables/words/part-1")).toBeNull();
    expect(await read(other, "models/m/model.onnx")).toBe("weights");
    await other.push(); // what was not fetched was not removed
    expect(await keysOf(store, "cache/")).toHaveLength(1);
    await other.fetch([fileRef(copy.dir, "words", "tables/words/part-1", 1)]);
    expect(await read(other, "tables/words/part-1")).toBe("quiet");
  });

  test("keeps a growing file in pieces, up to its last whole line", async () => {
    const store = await newStore();
    const copy = await copyOf(store);
    const path = "cache/answers/run-1.jsonl";
    await write(copy, path, "first\nsec");
    await copy.push();
    await appendFile(join(copy.dir, path), "ond\nthird\n");
    await copy.push();
    await copy.push();
    expect(await keysOf(store, "cache/")).toEqual([
      `${path}/00000000000000`,
      `${path}/00000000000006`,
    ]);
    expect(await read(await copyOf(store), path)).toBe("first\nsecond\nthird\n");
  });

  test("of two copies that finish a task, the first wins, and the other takes over its files", async () => {
    const store = await newStore();
    const [first, second] = [await copyOf(store), await copyOf(store)];
    await commit(first, { part: "part-1.a", text: "quiet", model: "weights" });
    await commit(second, { part: "part-1.b", text: "loud", model: "others" });
    await first.publish(task);
    await second.publish(task);
    expect(await read(second, manifestPath)).toBe(await read(first, manifestPath));
    expect(await read(second, "tables/words/part-1.a")).toBe("quiet");
    expect(await read(second, "models/m/model.onnx")).toBe("weights");
    expect(await namesIn(join(second.dir, "tables/words"))).toEqual(["part-1.a"]);
    expect(await keysOf(store, "tables/")).toEqual(["tables/words/part-1.a"]);
    expect(await keysOf(store, "models/")).toHaveLength(1);
  });

  test("removes what was removed in it, and the parts that nothing names any more", async () => {
    const store = await newStore();
    const copy = await copyOf(store);
    await commit(copy, { part: "part-1.a", text: "quiet" });
    await complete(copy, "part-1.a");
    await write(copy, "results.json", "{}");
    await copy.push();

    const later = await copyOf(store);
    await rm(join(later.dir, manifestPath));
    await rm(join(later.dir, "results.json"));
    await later.push();
    // The manifest of the stage still names the part.
    expect(await keysOf(store, "")).toEqual(["stages/words.json", "tables/words/part-1.a"]);

    await commit(later, { part: "part-1.b", text: "loud" });
    await complete(later, "part-1.b");
    await later.push();
    expect(await keysOf(store, "")).toEqual([
      manifestPath,
      "stages/words.json",
      "tables/words/part-1.b",
    ]);
  });

  test("takes over what others write and remove, but for what it has written itself", async () => {
    const store = await newStore();
    const [copy, job] = [await copyOf(store), await copyOf(store)];
    await write(copy, "jobs/words/submissions.json", "mine");
    await copy.push();
    await write(job, "jobs/words/a-0.json", "beat 1");
    await job.push();
    await copy.pull(["jobs/"]);
    expect(await read(copy, "jobs/words/a-0.json")).toBe("beat 1");
    expect(await read(copy, "jobs/words/submissions.json")).toBe("mine");

    await write(job, "jobs/words/a-0.json", "beat 22");
    await commit(job, { part: "part-1", text: "quiet" });
    await job.publish(task);
    await job.push();
    await copy.pull(["jobs/", "manifests/"]);
    expect(await read(copy, "jobs/words/a-0.json")).toBe("beat 22");
    expect(await read(copy, "tables/words/part-1")).toBe("quiet");

    await rm(join(job.dir, "jobs/words/a-0.json"));
    await job.push();
    await copy.pull(["manifests/"]);
    expect(await read(copy, "jobs/words/a-0.json")).toBe("beat 22");
    await copy.pull(["jobs/"]);
    expect(await read(copy, "jobs/words/a-0.json")).toBeNull();
    expect(textOf(await store.get("jobs/words/submissions.json"))).toBe("mine");
  });

  test("names the store where a file is missing for good, or another one", async () => {
    const store = await newStore();
    const copy = await copyOf(store);
    await commit(copy, { part: "part-1", text: "quiet" });
    await copy.push();
    await store.put("tables/words/part-1", "queit");
    await expect(copyOf(store)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining(
        `${store.name}/tables/words/part-1: its content is not what was written`,
      ) as unknown,
    });
    // Without it, whoever reads it says so, and how it is mended.
    await store.delete("tables/words/part-1");
    const again = await copyOf(store);
    await expect(fileCommitStore(again.dir).get("words", key)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringMatching(/part-1: it is missing.*--repair/) as unknown,
    });
  });
});
