import { describe, expect, test } from "vitest";
import { taskSpecs } from "../../../src/flow/task-key.ts";
import {
  elsewhereStage,
  type AwaitedAdapter,
} from "../../../src/finetune/elsewhere/elsewhere-stage.ts";
import type { AdapterContent } from "../../../src/finetune/elsewhere/given-adapter.ts";
import { takeAdapter } from "../../../src/finetune/elsewhere/elsewhere-task.ts";
import { quote } from "../../../src/tables/quote.ts";
import { taskContext } from "../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

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

  test("cannot be asked for one that nobody has trained", async () => {
    const [task] = tasksOf("org/base", adapter({ given: null, content: null }));
    if (task === undefined) throw new Error("no task");
    await expect(takeAdapter(task, taskContext(memory.dir))).rejects.toThrow(
      "the actor about users is still to be trained elsewhere: name what comes of it in finetune.adapters.users.actor",
    );
  });
});
