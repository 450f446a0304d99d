import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { exportFormats } from "../../../src/finetune/export/export-formats.ts";
import { exportLessons, type ExportOptions } from "../../../src/finetune/export/export-lessons.ts";
import { filesUnder } from "../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";
import { makeLessons, sampleLessons, type SampleLessons } from "./sample-lessons.ts";

const memory = useMemoryDatabase();
const formats = Object.entries(exportFormats);

async function write(lessons: SampleLessons, more: Partial<ExportOptions> = {}) {
  await makeLessons(memory.db, lessons);
  const outDir = join(memory.dir, "sft");
  const usual = {
    format: exportFormats.trl,
    outDir,
    run: "ml",
    maxTokens: 2048,
    isReasonOnly: false,
  };
  return { outDir, summary: await exportLessons(memory.db, { ...usual, ...more }) };
}

const turn = z.strictObject({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
const line = z.union([
  z.strictObject({ messages: z.array(turn) }).transform(({ messages }) => messages),
  z
    .strictObject({ prompt: z.array(turn), completion: z.array(turn) })
    .transform(({ prompt, completion }) => [...prompt, ...completion]),
]);

/** The conversations of a file of rows, as a trainer reads them. */
async function rowsIn(path: string): Promise<readonly z.infer<typeof line>[]> {
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  return lines.map((text) => line.parse(JSON.parse(text)));
}

const answersIn = async (path: string): Promise<readonly string[]> =>
  (await rowsIn(path)).map((turns) => turns.at(-1)?.content ?? "");

/** The files below a folder, each by its path in it. */
async function pathsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

const yamlIn = async (path: string): Promise<unknown> => parse(await readFile(path, "utf8"));
const jsonIn = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, "utf8"));

describe.each(formats)("a folder for %s", (_, format) => {
  test("has every row once, with one turn of the model, the answer", async () => {
    const { outDir } = await write(sampleLessons, { format });
    expect((await readdir(outDir)).sort()).toEqual([
      "item-actor",
      "item-reflector",
      "user-actor",
      "user-reflector",
    ]);
    for (const name of await readdir(outDir)) {
      for (const row of await rowsIn(join(outDir, name, "data/train.jsonl"))) {
        expect(row.map(({ role }) => role)).toEqual(["system", "user", "assistant"]);
      }
    }
    const actor = join(outDir, "user-actor");
    expect(await answersIn(join(actor, "data/train.jsonl"))).toEqual([
      "reason 1",
      "reason 1",
      "refine 1",
    ]);
    expect(await answersIn(join(actor, "data/validation.jsonl"))).toEqual(["reason 2"]);
    expect(await answersIn(join(actor, "over-limit.jsonl"))).toEqual(["reason 3"]);
    const [first] = await rowsIn(join(actor, "data/train.jsonl"));
    expect(first?.[1]?.content).toBe('reason about 1: "é\n\u2028<data>"');
  });

  test("has a README with the command that starts it, and says what was set apart", async () => {
    const { outDir } = await write(sampleLessons, { format, model: "a/model" });
    const readme = await readFile(join(outDir, "user-actor", "README.md"), "utf8");
    expect(readme).toContain(`\n${format.command}\n`);
    expect(readme).toContain("a/model");
    expect(readme).toContain("`data/train.jsonl`: 3 rows");
    expect(readme).toContain("`over-limit.jsonl`: 1 row of more than 2,048 tokens");
    const item = await readFile(join(outDir, "item-actor", "README.md"), "utf8");
    expect(item).toContain("no validation file");
    expect(item).not.toContain("over-limit");
  });
});

describe("the settings of the paper", () => {
  const common = {
    num_train_epochs: 3,
    learning_rate: 1e-4,
    lr_scheduler_type: "cosine",
    warmup_steps: 1,
    per_device_train_batch_size: 2,
    gradient_accumulation_steps: 8,
    eval_strategy: "epoch",
  };

  test("for TRL: the loss is of the completion alone, and the split names are those of the files", async () => {
    const { outDir } = await write(sampleLessons);
    expect(await yamlIn(join(outDir, "user-actor", "train.yaml"))).toMatchObject({
      ...common,
      model_name_or_path: "Qwen/Qwen2.5-7B-Instruct",
      dataset_name: "./data",
      dataset_train_split: "train",
      dataset_test_split: "validation",
      completion_only_loss: true,
      max_length: 2048,
      use_peft: true,
      lora_r: 8,
      lora_alpha: 16,
      lora_dropout: 0.05,
      lora_target_modules: ["all-linear"],
    });
    const alone = await yamlIn(join(outDir, "item-actor", "train.yaml"));
    expect(alone).not.toHaveProperty("dataset_test_split");
    expect(alone).not.toHaveProperty("eval_strategy");
    expect(alone).not.toHaveProperty("load_best_model_at_end");
  });

  test("for LLaMA-Factory: its data sets are described beside the rows", async () => {
    const format = exportFormats["llama-factory"];
    const { outDir } = await write(sampleLessons, { format, maxTokens: 4096 });
    const folder = join(outDir, "user-reflector");
    expect(await yamlIn(join(folder, "train.yaml"))).toMatchObject({
      ...common,
      stage: "sft",
      finetuning_type: "lora",
      lora_target: "all",
      lora_rank: 8,
      lora_alpha: 16,
      lora_dropout: 0.05,
      dataset_dir: "data",
      dataset: "user_reflector_train",
      eval_dataset: "user_reflector_validation",
      template: "qwen",
      cutoff_len: 4096,
    });
    const described = { formatting: "sharegpt", columns: { messages: "messages" } };
    const tags = { role_tag: "role", content_tag: "content", assistant_tag: "assistant" };
    expect(await jsonIn(join(folder, "data/dataset_info.json"))).toMatchObject({
      user_reflector_train: { ...described, file_name: "train.jsonl", tags },
      user_reflector_validation: { ...described, file_name: "validation.jsonl", tags },
    });
    const item = join(outDir, "item-reflector");
    expect(await yamlIn(join(item, "train.yaml"))).not.toHaveProperty("eval_dataset");
    expect(await jsonIn(join(item, "data/dataset_info.json"))).not.toHaveProperty(
      "item_reflector_validation",
    );
  });

  test.each([
    ["Qwen/Qwen3-4B-Instruct-2507", "qwen3_nothink"],
    ["Qwen/Qwen2.5-0.5B-Instruct", "qwen"],
    ["meta-llama/Llama-3.2-1B-Instruct", "llama3"],
    ["HuggingFaceTB/SmolLM2-135M-Instruct", undefined],
  ])("for LLaMA-Factory, %s has the template %s", async (model, template) => {
    const { outDir } = await write(sampleLessons, {
      format: exportFormats["llama-factory"],
      model,
    });
    const config = z.looseObject({ template: z.string().optional() });
    const path = join(outDir, "user-actor", "train.yaml");
    expect(config.parse(await yamlIn(path)).template).toBe(template);
  });

  test("for axolotl: it learns the assistant's turns of the messages, and validates on their own file", async () => {
    const { outDir } = await write(sampleLessons, { format: exportFormats.axolotl });
    const rows = {
      type: "chat_template",
      field_messages: "messages",
      roles_to_train: ["assistant"],
    };
    expect(await yamlIn(join(outDir, "user-actor", "train.yaml"))).toMatchObject({
      base_model: "Qwen/Qwen2.5-7B-Instruct",
      datasets: [{ ...rows, path: "data/train.jsonl", ds_type: "json" }],
      test_datasets: [{ ...rows, path: "data/validation.jsonl", ds_type: "json", split: "train" }],
      adapter: "lora",
      lora_r: 8,
      lora_alpha: 16,
      lora_dropout: 0.05,
      lora_target_linear: true,
      sequence_len: 2048,
      num_epochs: 3,
      learning_rate: 1e-4,
      lr_scheduler: "cosine",
      warmup_steps: 1,
      micro_batch_size: 2,
      gradient_accumulation_steps: 8,
      evals_per_epoch: 1,
    });
    const alone = await yamlIn(join(outDir, "item-actor", "train.yaml"));
    expect(alone).not.toHaveProperty("test_datasets");
    expect(alone).not.toHaveProperty("evals_per_epoch");
  });
});

describe("what is written", () => {
  test("is counted: rows on both sides, those set apart, and models without any", async () => {
    const { summary, outDir } = await write({
      ...sampleLessons,
      reflect: [
        { subject_id: 1, tokens: 3000 },
        { subject_id: 2, split: "valid" },
      ],
    });
    const counts = (each: (typeof summary.written)[number]) => [
      each.student.name,
      each.trainRows,
      each.validRows,
      each.longRows,
    ];
    expect(summary.written.map(counts)).toEqual([
      ["user-actor", 3, 1, 1],
      ["item-actor", 1, 0, 0],
    ]);
    expect(summary.empty.map(counts)).toEqual([
      ["user-reflector", 0, 1, 1],
      ["item-reflector", 0, 0, 0],
    ]);
    expect(summary.isEstimated).toBe(false);
    expect(await readdir(outDir)).toEqual(["item-actor", "user-actor"]);
  });

  test("says where tokens are estimated", async () => {
    const { summary } = await write(sampleLessons);
    expect(summary.isEstimated).toBe(true);
  });

  test("is two actors without a refinement, where they are to reason alone", async () => {
    const { outDir } = await write(sampleLessons, { isReasonOnly: true });
    expect(await readdir(outDir)).toEqual(["item-actor", "user-actor"]);
    const rows = await answersIn(join(outDir, "user-actor", "data/train.jsonl"));
    expect(rows).toEqual(["reason 1", "reason 1"]);
    const readme = await readFile(join(outDir, "user-actor", "README.md"), "utf8");
    expect(readme).toContain("from sft_reason of the run `ml`");
  });

  test("goes into an empty folder that is there already", async () => {
    await mkdir(join(memory.dir, "sft"));
    const { outDir } = await write(sampleLessons);
    expect(await readdir(outDir)).toHaveLength(4);
  });

  test("is the same for the same tables", async () => {
    const { outDir } = await write(sampleLessons);
    const { outDir: again } = await write(sampleLessons, { outDir: join(memory.dir, "again") });
    const paths = await pathsIn(outDir);
    expect(paths).toHaveLength(15);
    expect(await pathsIn(again)).toEqual(paths);
    for (const path of paths) {
      expect(await readFile(join(again, path))).toEqual(await readFile(join(outDir, path)));
    }
  });
});

describe("nothing is written", () => {
  test("into a folder with files, which stay", async () => {
    await mkdir(join(memory.dir, "sft"));
    await writeFile(join(memory.dir, "sft", "mine.txt"), "mine");
    await expect(write(sampleLessons)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("has files in it already; choose a folder") as unknown,
    });
    expect(await filesUnder(memory.dir)).toEqual(["mine.txt"]);
  });

  test("over a file", async () => {
    await writeFile(join(memory.dir, "sft"), "mine");
    await expect(write(sampleLessons)).rejects.toThrow("is no folder");
  });

  test("of a run without a teacher, or of one whose rows no tokens were counted of", async () => {
    const usual = { format: exportFormats.trl, run: "ml", maxTokens: 2048, isReasonOnly: false };
    const outDir = join(memory.dir, "sft");
    const refusal = {
      code: "RUN_INVALID",
      message: expect.stringMatching(
        /^the run ml has no fine-tuning data.*construct: \{ teacher: .*--to construct\.$/u,
      ) as unknown,
    };
    await expect(exportLessons(memory.db, { ...usual, outDir })).rejects.toMatchObject(refusal);
    await makeLessons(memory.db, sampleLessons);
    await memory.db.run("alter table sft_refine drop column tokens");
    await expect(exportLessons(memory.db, { ...usual, outDir })).rejects.toMatchObject(refusal);
    expect(await filesUnder(memory.dir)).toEqual([]);
  });

  test("where every row is too long: the option to raise is named", async () => {
    await expect(write(sampleLessons, { maxTokens: 99 })).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining("of at most 99 tokens: raise --max-tokens") as unknown,
    });
    expect(await filesUnder(memory.dir)).toEqual([]);
  });

  test("where a row is not one question: no folder is left", async () => {
    const reflect = [{ subject_id: 4, messages: "[]" }];
    await expect(write({ ...sampleLessons, reflect })).rejects.toThrow("sft_reflect, user 4");
    expect(await filesUnder(memory.dir)).toEqual([]);
  });
});
