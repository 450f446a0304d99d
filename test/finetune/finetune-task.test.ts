import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileCommitStore } from "../../src/flow/manifest.ts";
import { runTask } from "../../src/flow/run-task.ts";
import type { FileRef, TaskProgress, TaskSpec } from "../../src/flow/task.ts";
import { finetuneStage } from "../../src/finetune/finetune-stage.ts";
import { createFinetuneTask } from "../../src/finetune/finetune-task.ts";
import { finetuneSettings } from "../../src/finetune/settings.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import type { Row } from "../../src/tables/database.ts";
import { quote } from "../../src/tables/quote.ts";
import { fileRef } from "../util/file-ref.ts";
import { makeRunTable } from "../util/hand-made-table.ts";
import { taskContext } from "../util/hand-made-task.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";
import { fakeTools, type FakeTools } from "./fake-tools.ts";

const memory = useMemoryDatabase();

type Lesson = readonly [subject: "user" | "item", id: number, split: string, completion: string];

async function part(table: string, lessons: readonly Lesson[]): Promise<FileRef> {
  await makeRunTable(
    memory.db,
    table,
    lessons.map(([subject, subject_id, split, completion]) => ({
      ...{ subject, subject_id, sample: 0, split, completion },
      messages: JSON.stringify([
        { role: "system", content: "S" },
        { role: "user", content: `${table} ${String(subject_id)}` },
      ]),
    })),
  );
  const path = `tables/${table}.parquet`;
  await mkdir(join(memory.dir, "tables"), { recursive: true });
  await memory.db.run(`copy ${table} to ${quote(join(memory.dir, path))} (format parquet)`);
  return fileRef(memory.dir, table, path, lessons.length);
}

async function inputs(): Promise<Readonly<Record<string, readonly FileRef[]>>> {
  return {
    sft_reason: [
      await part("sft_reason", [
        ["user", 2, "train", "likes what is quiet"],
        ["user", 1, "train", "likes what is bold"],
        ["user", 3, "valid", "likes what is odd"],
        ["item", 1, "train", "for quiet evenings"],
      ]),
    ],
    sft_refine: [await part("sft_refine", [["user", 4, "train", "x".repeat(60)]])],
    sft_reflect: [await part("sft_reflect", [["user", 1, "valid", "reasonable"]])],
  };
}

async function tasks(settings: object = {}): Promise<readonly TaskSpec[]> {
  const stage = finetuneStage({
    finetune: finetuneSettings.parse({ base: "/models/tiny.gguf", ...settings }),
    baseHash: "abc",
    checkpointEveryS: 60,
  });
  return taskSpecs(stage, await inputs());
}

async function taskOf(subject: string, role: string, settings: object = {}): Promise<TaskSpec> {
  const wanted = JSON.stringify({ subject, role });
  const found = (await tasks(settings)).find(({ params }) => JSON.stringify(params) === wanted);
  if (found === undefined) throw new Error(`no task ${wanted}`);
  return found;
}

/** Runs a task by these tools; its tables by name. */
async function run(
  task: TaskSpec,
  tools: FakeTools,
  progress: (report: TaskProgress) => void = () => undefined,
): Promise<Readonly<Record<string, readonly Row[]>>> {
  const made = await createFinetuneTask(tools)(task, { ...taskContext(memory.dir), progress });
  const tables: Record<string, readonly Row[]> = {};
  for (const { table, path } of made) {
    tables[table] = await memory.db.rows(`from read_parquet(${quote(path)})`);
  }
  return tables;
}

describe("finetuneStage", () => {
  test("has four tasks, each reading the tables its role learns from, and leaving three files", async () => {
    const read = (await tasks()).map(({ params, inputs: reads }) => [params, Object.keys(reads)]);
    expect(read).toEqual([
      [{ subject: "user", role: "actor" }, ["sft_reason", "sft_refine"]],
      [{ subject: "user", role: "reflector" }, ["sft_reflect"]],
      [{ subject: "item", role: "actor" }, ["sft_reason", "sft_refine"]],
      [{ subject: "item", role: "reflector" }, ["sft_reflect"]],
    ]);
    const [first] = await tasks();
    const folder = `adapters/user-actor-${first?.key.slice(0, 8) ?? ""}`;
    expect(first?.artifacts).toEqual([
      `${folder}/adapter_model.safetensors`,
      `${folder}/adapter_config.json`,
      `${folder}/adapter.gguf`,
    ]);
  });

  test("reasonOnly trains actors on reasoning alone", async () => {
    const read = (await tasks({ reasonOnly: true })).map(({ inputs: reads }) => Object.keys(reads));
    expect(read).toEqual([["sft_reason"], ["sft_reason"]]);
  });

  test("keys change with what decides the numbers, not with where the base is or how many rows may be left out", async () => {
    const keysWith = async (settings: object): Promise<readonly string[]> =>
      (await tasks(settings)).map(({ key }) => key);
    const keys = await keysWith({});
    expect(await keysWith({ base: "/elsewhere/tiny.gguf", maxLong: 1 })).toEqual(keys);
    expect(await keysWith({ lora: { targets: ["v_proj", "q_proj"] } })).toEqual(
      await keysWith({ lora: { targets: ["q_proj", "v_proj"] } }),
    );
    for (const changed of [{ epochs: 2 }, { lora: { rank: 4 } }, { seed: 2 }, { maxTokens: 99 }]) {
      const others = await keysWith(changed);
      expect(others.filter((key) => keys.includes(key))).toEqual([]);
    }
  });
});

describe("finetune", () => {
  test("trains on the rows of its subject, keeps validation rows apart, and says what came of it", async () => {
    const tools = fakeTools();
    const task = await taskOf("user", "actor", { epochs: 2 });
    const tables = await run(task, tools);
    const [training] = tools.trainings;
    const answers = (chats: AdapterChats): readonly string[] =>
      chats.map(({ answer }) => String.fromCharCode(...answer.slice(0, -1)));
    expect(answers(training?.train ?? [])).toEqual([
      ...["likes what is bold", "likes what is quiet", "x".repeat(60)],
    ]);
    expect(answers(training?.valid ?? [])).toEqual(["likes what is odd"]);
    expect(training?.settings).toMatchObject({ epochs: 2, learningRate: 1e-4, maxTokens: 2048 });
    expect(training?.settings.lora.targets).toHaveLength(7);
    expect(tools.opened).toEqual(["/models/tiny.gguf"]);
    expect(tools.closed).toBe(1);

    const path = `adapters/user-actor-${task.key.slice(0, 8)}`;
    expect(tables["adapters"]).toEqual([
      expect.objectContaining({
        ...{ subject: "user", role: "actor", path, base: "/models/tiny.gguf", base_hash: "abc" },
        ...{ rank: 8, alpha: 16, train_rows: 3, valid_rows: 1, long_rows: 0, best_epoch: 1 },
        ...{ longest_row: 74, valid_loss_before: 2, valid_loss_after: 1.5, tokens: 200 },
        // Rank 8 for each layer: q 8+8, k and v 8+4, o 8+8, gate, up and down 8+16, twice.
        parameters: 2 * 8 * (16 + 12 + 12 + 16 + 24 + 24 + 24),
      }),
    ]);
    expect(
      tables["finetune_log"]?.map((row) => [row["epoch"], row["train_loss"], row["valid_loss"]]),
    ).toEqual([
      [0, null, 2],
      [1, 1.75, 1.5],
      [2, 1.5, 1.75],
    ]);
    expect(await readFile(join(memory.dir, path, "adapter.gguf"), "utf8")).toContain("tiny");
  });

  test("committed by a run, its files are part of what the manifest names", async () => {
    const [task] = await tasks();
    if (task === undefined) throw new Error("no task");
    const here = new URL("./fake-finetune-fixture.ts", import.meta.url).href;
    await runTask({ ...task, module: here, export: "fakeFinetune" }, taskContext(memory.dir));
    const manifest = await fileCommitStore(memory.dir).get(task.stage, task.key);
    expect(manifest?.artifacts?.map(({ path }) => path)).toEqual(task.artifacts);
  });

  test("leaves rows that are too long out, and says so", async () => {
    const told: string[] = [];
    const tools = fakeTools(({ runtime }) => {
      runtime.onProgress({
        ...{ epoch: 1, epochs: 3, tokens: 10, tokensTotal: 110, loss: 1.5, validLoss: 2 },
      });
      return Promise.resolve();
    });
    const task = await taskOf("user", "actor", { maxTokens: 40, maxLong: 0.5 });
    const tables = await run(task, tools, ({ notes = [] }) => void told.push(...notes));
    expect(tables["adapters"]?.[0]).toMatchObject({ train_rows: 2, long_rows: 1 });
    expect(told).toEqual([
      "the user actor: 1 rows have more than 40 tokens and are left out; finetune.maxTokens says how many tokens a row may have",
    ]);
  });

  test("stops where more rows are too long than may be left out, naming the settings", async () => {
    const task = await taskOf("user", "actor", { maxTokens: 40 });
    await expect(run(task, fakeTools())).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message:
        "the user actor: 1 of 4 rows have more than 40 tokens, the longest 74. Raise finetune.maxTokens, which takes memory, or finetune.maxLong (0.1) to leave so many out.",
    });
  });

  test("stops where there is nothing to learn, whatever the reason", async () => {
    await expect(run(await taskOf("item", "reflector"), fakeTools())).rejects.toThrow(
      "the item reflector: no row is left to train on: there are no rows",
    );
    await expect(run(await taskOf("user", "reflector"), fakeTools())).rejects.toThrow(
      "the user reflector: no row is left to train on: all rows are for validation",
    );
  });

  test("refuses what the memory cannot hold before it trains, with a cure", async () => {
    const tools = fakeTools();
    const task = await taskOf("user", "actor");
    const context = { ...taskContext(memory.dir), memory: { bytes: 2 << 20, shares: 1 } };
    await expect(createFinetuneTask(tools)(task, context)).rejects.toMatchObject({
      code: "OUT_OF_MEMORY",
      message: expect.stringContaining("set finetune.maxTokens: 128") as string,
    });
    expect(tools.trainings).toEqual([]);
    expect(tools.closed).toBe(1);
  });

  test("gives the trainer a checkpoint in a folder that is there, so that it can go on", async () => {
    const task = await taskOf("user", "actor");
    const interrupted = fakeTools(async ({ runtime }) => {
      await writeFile(runtime.checkpoint, "half way");
      throw new Error("killed");
    });
    await expect(run(task, interrupted)).rejects.toThrow("killed");
    const seen: string[] = [];
    await run(
      task,
      fakeTools(async ({ runtime }) => {
        seen.push(await readFile(runtime.checkpoint, "utf8"));
      }),
    );
    expect(seen).toEqual(["half way"]);
    const [training] = interrupted.trainings;
    expect((await stat(dirname(training?.runtime.checkpoint ?? ""))).isDirectory()).toBe(true);
    expect(training?.runtime.checkpoint).toContain(join("checkpoints", "finetune", task.key));
  });

  test("names the row whose messages cannot be read", async () => {
    const task = await taskOf("user", "actor");
    await memory.db.run(
      `copy (select * replace ('oops' as messages) from sft_reason) to ${quote(join(memory.dir, "tables/sft_reason.parquet"))} (format parquet)`,
    );
    await expect(run(task, fakeTools())).rejects.toThrow(
      "sft_reason: user 1, sample 0: messages are no JSON list of messages",
    );
  });
});

type AdapterChats = readonly { readonly answer: readonly number[] }[];
