import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  writeFolders,
  type UntrainedAdapter,
} from "../../../src/finetune/elsewhere/write-folders.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";
import { makeLessons, sampleLessons } from "../export/sample-lessons.ts";

const memory = useMemoryDatabase();

const actor: UntrainedAdapter = { subject: "user", role: "actor", model: null };
const reflector: UntrainedAdapter = { subject: "user", role: "reflector", model: "m.gguf" };

const write = (untrained: readonly UntrainedAdapter[], finetune: object = {}) =>
  writeFolders(memory.db, untrained, {
    ...{ runDir: memory.dir, run: "ml", trainer: "llama-factory" },
    finetune: { base: "org/base", maxTokens: 2048, reasonOnly: false, ...finetune },
  });

describe("writeFolders", () => {
  test("writes those that are wanted, with the rows and the model of the settings", async () => {
    await makeLessons(memory.db, sampleLessons);
    const { folders, isEstimated } = await write([actor, reflector]);
    expect(isEstimated).toBe(true);
    expect(folders).toMatchObject([
      { trainRows: 3, validRows: 1, longRows: 1, isKept: false },
      { trainRows: 1, validRows: 1, longRows: 0, isKept: false },
    ]);
    const names = await readdir(join(memory.dir, "sft", "llama-factory"));
    expect(names.sort()).toEqual(folders.map(({ folder }) => basename(folder)));
    expect(names.map((name) => name.slice(0, -8))).toEqual(["user-actor-", "user-reflector-"]);
    const [of = "", by = ""] = folders.map(({ folder }) => folder);
    expect(await readFile(join(of, "train.yaml"), "utf8")).toContain("org/base");
    expect(await readFile(join(of, "README.md"), "utf8")).toContain("model: finetuned");
    expect(await readFile(join(by, "README.md"), "utf8")).toContain("adapter: finetuned");
  });

  test("leaves a folder with the same rows as it is, and writes other rows to another", async () => {
    await makeLessons(memory.db, sampleLessons);
    const [first] = (await write([actor])).folders;
    const adapter = join(first?.folder ?? "", "adapter");
    await mkdir(adapter);
    await writeFile(join(adapter, "adapter_config.json"), "{}");
    const [again] = (await write([actor])).folders;
    expect(again).toEqual({ ...first, isKept: true });
    await makeLessons(memory.db, { ...sampleLessons, refine: [] });
    const [other] = (await write([actor])).folders;
    expect(other?.folder).not.toBe(first?.folder);
    expect(other?.isKept).toBe(false);
    expect(await readdir(adapter)).toEqual(["adapter_config.json"]);
  });

  test("rows about items change no folder about users, other settings do", async () => {
    await makeLessons(memory.db, sampleLessons);
    const [first] = (await write([actor])).folders;
    const { reason = [] } = sampleLessons;
    await makeLessons(memory.db, {
      ...sampleLessons,
      reason: [...reason, { subject: "item", subject_id: 8 }],
    });
    expect((await write([actor])).folders[0]?.folder).toBe(first?.folder);
    expect((await write([actor], { base: "org/other" })).folders[0]?.folder).not.toBe(
      first?.folder,
    );
    const [reasoning] = (await write([actor], { reasonOnly: true })).folders;
    expect(reasoning?.trainRows).toBe(2);
  });

  test("says where a model has nothing to learn from, and leaves nothing half done", async () => {
    await makeLessons(memory.db, { reason: [{ subject_id: 1, tokens: 3000 }] });
    const written = write([actor]);
    await expect(written).rejects.toMatchObject({ code: "RUN_INVALID" });
    await expect(written).rejects.toThrow(
      /no row of at most 2048 tokens that the actor about users could learn from; 1 are longer, which finetune\.maxTokens decides\..*construct\.share/,
    );
    expect(await readdir(join(memory.dir, "sft", "llama-factory"))).toEqual([]);
  });
});
