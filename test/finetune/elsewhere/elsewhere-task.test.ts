import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeGgufAdapter } from "../../../src/finetune/adapter/write-gguf-adapter.ts";
import type { DecoderConfig } from "../../../src/finetune/decoder/decoder-config.ts";
import { taskSpecs } from "../../../src/flow/task-key.ts";
import {
  elsewhereStage,
  type AwaitedAdapter,
} from "../../../src/finetune/elsewhere/elsewhere-stage.ts";
import { contentOf, type AdapterContent } from "../../../src/finetune/elsewhere/given-adapter.ts";
import { takeAdapter } from "../../../src/finetune/elsewhere/elsewhere-task.ts";
import { quote } from "../../../src/tables/quote.ts";
import { taskContext } from "../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";
import { coarse, writeHalfPeftFolder } from "../adapter/half-peft-folder.ts";
import { writeTinyGguf } from "../base/tiny-model.ts";
import { readFixture } from "../fixtures.ts";
import { uint } from "../weights/gguf-file.ts";

const memory = useMemoryDatabase();

const folder: Extract<AdapterContent, { kind: "folder" }> = {
  ...{ kind: "folder", content: "abc" },
  model: {
    ...{ architecture: "llama", layers: 2, hidden: 8, heads: 2 },
    ...{ keyHeads: 1, headWidth: 4, inner: 12 },
  },
};

const adapter = (more: Partial<AwaitedAdapter>): AwaitedAdapter => ({
  ...{ subject: "user", role: "actor", given: "ua", model: null },
  content: { kind: "served", name: "ua" },
  ...more,
});

/** A file that says no more than what a model with these sizes is. */
function ggufOf(config: DecoderConfig, file: string): Promise<string> {
  const { architecture } = config;
  const sizes = {
    ...{ block_count: config.layers, embedding_length: config.hidden },
    ...{ feed_forward_length: config.inner, "attention.head_count": config.heads },
    ...{ "attention.head_count_kv": config.keyHeads, "attention.key_length": config.headWidth },
    ...{ "attention.value_length": config.headWidth, "rope.dimension_count": config.headWidth },
  };
  const metadata = Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => [`${architecture}.${name}`, uint(size)]),
  );
  return writeTinyGguf(file, architecture, { metadata });
}

const tasksOf = (base: string, ...adapters: AwaitedAdapter[]) =>
  taskSpecs(elsewhereStage({ base, adapters }), { sft_reason: [] });

describe("elsewhereStage", () => {
  test("has a task per adapter, whose key is of what was given, not of where it lies", () => {
    const keyOf = (more: Partial<AwaitedAdapter>) => tasksOf("org/base", adapter(more))[0]?.key;
    const served = keyOf({});
    expect(keyOf({ content: { kind: "served", name: "ub" } })).not.toBe(served);
    const here = keyOf({ content: folder, given: "/here", model: "m.gguf" });
    expect(keyOf({ content: folder, given: "/there", model: "n.gguf" })).toBe(here);
    expect(keyOf({ content: { ...folder, content: "abd" }, given: "/here" })).not.toBe(here);
    expect(tasksOf("org/base", adapter({}), adapter({ role: "reflector" }))).toHaveLength(2);
    expect(tasksOf("org/base", adapter({}))[0]?.inputs).toEqual({});
  });

  test("leaves a file for those that the run loads, none for those that a server serves", () => {
    const [served, loaded] = tasksOf(
      "org/base",
      adapter({}),
      adapter({ subject: "item", content: folder, given: "/here", model: "m.gguf" }),
    );
    expect(served?.artifacts).toEqual([]);
    expect(loaded?.artifacts).toEqual([
      `adapters/item-actor-${loaded?.key.slice(0, 8) ?? ""}/adapter.gguf`,
    ]);
  });
});

describe("takeAdapter", () => {
  test("notes a name at a server, and nothing of a training", async () => {
    const [task] = tasksOf("org/base", adapter({}));
    if (task === undefined) throw new Error("no task");
    const files = await takeAdapter(task, taskContext(memory.dir));
    const [log, rows] = await Promise.all(
      files.map(({ path }) => memory.db.rows(`from read_parquet(${quote(path)})`)),
    );
    expect(log).toEqual([]);
    expect(rows).toMatchObject([
      { subject: "user", role: "actor", path: "ua", base: "org/base", train_rows: null },
    ]);
    expect(rows?.[0]?.["sha256"]).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(
    (["llama", "qwen2", "qwen3"] as const).flatMap((architecture) =>
      (["F16", "BF16"] as const).map((dtype) => [architecture, dtype] as const),
    ),
  )(
    "writes what PEFT trained on a %s as llama.cpp loads it, from numbers of %s too",
    async (architecture, dtype) => {
      const { config, lora, matrices } = await readFixture(architecture);
      const trained = coarse({
        ...{ lora, config, base: "tiny" },
        matrices: await matrices("lora-end.safetensors"),
      });
      const given = await writeHalfPeftFolder(join(memory.dir, "peft"), trained, dtype);
      const model = await ggufOf(config, join(memory.dir, "model.gguf"));
      const place = { given, model };
      const content = await contentOf({ subject: "user", role: "actor", ...place });
      const [task] = tasksOf("org/base", adapter({ ...place, content }));
      if (task === undefined) throw new Error("no task");
      await takeAdapter(task, taskContext(memory.dir));
      const [file = ""] = task.artifacts ?? [];
      expect(await readFile(join(memory.dir, file))).toEqual(
        Buffer.from(encodeGgufAdapter(trained)),
      );
      expect(trained.matrices.some(({ b }) => b.some((value) => value !== 0))).toBe(true);
    },
  );

  test("cannot be asked for one that nobody has trained", async () => {
    const [task] = tasksOf("org/base", adapter({ given: null, content: null }));
    if (task === undefined) throw new Error("no task");
    await expect(takeAdapter(task, taskContext(memory.dir))).rejects.toThrow(
      "the actor about users is still to be trained elsewhere: name what comes of it in finetune.adapters.users.actor",
    );
  });
});
