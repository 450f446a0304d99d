import { describe, expect, test } from "vitest";
import { collectFinetune } from "../../../src/report/collect/collect-finetune.ts";
import { finetuneSection } from "../../../src/report/sections/finetune-section.ts";
import { makeRunTable } from "../../util/hand-made-table.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

/** An adapter of each subject for the actor: the user's learned, the item's has no validation rows. By report/adapters and report/finetune_epochs. */
async function makeTables(): Promise<void> {
  const adapter = {
    role: "actor",
    base: "/models/tiny.gguf",
    rank: 8,
    long_rows: 1,
    parameters: 99,
  };
  const losses = { valid_loss_before: 2.5, valid_loss_after: 1.25 };
  await makeRunTable(memory.db, "adapters", [
    { ...adapter, subject: "item", train_rows: 3, valid_rows: 0, best_epoch: 2, tokens: 30 },
    {
      ...{ ...adapter, ...losses, subject: "user", train_rows: 10, valid_rows: 2, best_epoch: 1 },
      ...{ tokens: 700, stopped: "the loss is no number" },
    },
  ]);
  const at = (subject: string, epoch: number, train_loss: number | null, valid: number | null) => ({
    ...{ subject, role: "actor", epoch, train_loss, valid_loss: valid, seconds: 30 },
  });
  await makeRunTable(memory.db, "finetune_log", [
    at("user", 1, 2, 1.25),
    at("user", 0, null, 2.5),
    at("item", 1, 3, null),
  ]);
  await makeRunTable(memory.db, "finetune_eval", []);
}

/** Two held-out reflections about users and one text, by both models. By report/finetune_eval. */
function makeAnswers(): Promise<void> {
  const answer = (
    model: string,
    subject_id: number,
    expected: string,
    judgement: string | null,
  ) => ({
    ...{ subject: "user", role: "reflector", model, task: "reflect", subject_id, sample: 0 },
    ...{ expected, judgement, status: judgement === null ? "unreadable" : "read" },
    words: judgement === null ? null : judgement === "reasonable" ? 0 : 20,
    names_target: judgement === null ? null : false,
  });
  return makeRunTable(memory.db, "finetune_eval", [
    answer("adapter", 1, "unreasonable", "unreasonable"),
    answer("adapter", 2, "reasonable", "unreasonable"),
    answer("adapter", 3, "unreasonable", null),
    answer("adapter", 4, "reasonable", "reasonable"),
    answer("base", 1, "reasonable", null),
    {
      ...{
        subject: "user",
        role: "actor",
        model: "base",
        task: "reason",
        subject_id: 1,
        sample: 0,
      },
      ...{ status: "read", words: 9, names_target: true },
    },
  ]);
}

describe("collectFinetune", () => {
  test("collects adapters with their losses by epoch and their time, users first", async () => {
    await makeTables();
    const found = await collectFinetune(memory.db);
    expect(found?.adapters.map(({ subject, seconds }) => [subject, seconds])).toEqual([
      ["user", 60],
      ["item", 30],
    ]);
    expect(found?.adapters[0]).toMatchObject({
      ...{ validLossBefore: 2.5, validLossAfter: 1.25, bestEpoch: 1, longRows: 1, tokens: 700 },
      epochs: [
        { epoch: 0, trainLoss: null, validLoss: 2.5 },
        { epoch: 1, trainLoss: 2, validLoss: 1.25 },
      ],
    });
  });

  test("compares answers with the teacher's: an unreadable one is a judgement missed", async () => {
    await makeTables();
    await makeAnswers();
    const found = await collectFinetune(memory.db);
    expect(found?.answers).toEqual([
      {
        ...{ subject: "user", role: "actor", model: "base", answers: 1, readable: 1 },
        ...{ accuracy: null, precision: null, recall: null, meanWords: 9, leaked: 1 },
      },
      {
        ...{ subject: "user", role: "reflector", model: "base", answers: 1, readable: 0 },
        ...{ accuracy: 0, precision: null, recall: null, meanWords: null, leaked: null },
      },
      {
        ...{ subject: "user", role: "reflector", model: "adapter", answers: 4, readable: 0.75 },
        // Right: 1 and 4. Said to be unreasonable: 1 and 2, of which the teacher found 1; the teacher's: 1 and 3.
        ...{ accuracy: 0.5, precision: 0.5, recall: 0.5, meanWords: 20, leaked: 0 },
      },
    ]);
    const page = (await finetuneSection(found === null ? {} : { finetune: found }))?.markup ?? "";
    expect(page).toContain("What fine-tuning changed");
    expect(page).toMatch(/reflector about users[\s\S]*after[\s\S]*75\.0 %[\s\S]*50\.0 %/);
  });

  test("is null for a run without fine-tuning", async () => {
    await makeRunTable(memory.db, "adapters", []);
    await makeRunTable(memory.db, "finetune_log", []);
    expect(await collectFinetune(memory.db)).toBeNull();
  });
});

describe("finetuneSection", () => {
  test("shows losses before and after, and why a training ended early", async () => {
    await makeTables();
    const finetune = await collectFinetune(memory.db);
    const page = (await finetuneSection(finetune === null ? {} : { finetune }))?.markup ?? "";
    expect(page).toContain("adapters of tiny.gguf");
    expect(page).toContain("actor about users");
    expect(page).toMatch(/2\.500[\s\S]*1\.250/);
    expect(page).toContain("ended early: the loss is no number");
    expect(page).toContain("by epoch; 0 is the base model");
  });

  test("names models that were trained elsewhere, and claims no losses of them", async () => {
    const adapter = { role: "actor", base: "org/base-7B", sha256: "x" };
    await makeRunTable(memory.db, "adapters", [
      { ...adapter, subject: "user", path: "user-actor" },
      { ...adapter, subject: "item", path: "adapters/item-actor-1", rank: 8, parameters: 9 },
    ]);
    await makeRunTable(memory.db, "finetune_log", []);
    await makeRunTable(memory.db, "finetune_eval", []);
    const finetune = await collectFinetune(memory.db);
    expect(finetune).toEqual({
      ...{ adapters: [], answers: [] },
      elsewhere: [
        { subject: "user", role: "actor", base: "org/base-7B", path: "user-actor" },
        { subject: "item", role: "actor", base: "org/base-7B", path: "adapters/item-actor-1" },
      ],
    });
    const page = (await finetuneSection(finetune === null ? {} : { finetune }))?.markup ?? "";
    expect(page).toMatch(/actor about users[\s\S]*org\/base-7B[\s\S]*user-actor/);
    expect(page).toContain("trained elsewhere");
    expect(page).not.toMatch(/loss/i);
  });

  test("is left out without fine-tuning", async () => {
    expect(await finetuneSection({})).toBeNull();
  });
});
