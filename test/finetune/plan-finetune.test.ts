import { describe, expect, test } from "vitest";
import { planFinetune, requireTrainable } from "../../src/finetune/plan-finetune.ts";
import { finetuneSettings } from "../../src/finetune/settings.ts";
import { makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";
import { fakeTools } from "./fake-tools.ts";

const memory = useMemoryDatabase();
const settings = (given: object = {}) => finetuneSettings.parse({ base: "tiny.gguf", ...given });

const lesson = (subject_id: number, split: string, completion: string) => ({
  ...{ subject: "user", subject_id, sample: 0, split, completion },
  messages: JSON.stringify([{ role: "user", content: "0123456789" }]),
});

describe("planFinetune", () => {
  test("counts the tokens of all epochs by the base model's tokenizer, and leaves long rows out", async () => {
    await makeRunTable(memory.db, "sft_reason", [
      lesson(1, "train", "abcd"),
      lesson(2, "valid", "abcdefgh"),
      lesson(3, "train", "x".repeat(99)),
    ]);
    await makeRunTable(memory.db, "sft_refine", [lesson(1, "train", "abcdefghi")]);
    await makeRunTable(memory.db, "sft_reflect", []);
    const tools = fakeTools();
    const adapters = [
      { subject: "user", role: "actor" },
      { subject: "user", role: "reflector" },
    ] as const;
    const finetune = settings({ maxTokens: 50, epochs: 2 });
    const [actor, reflector] = await planFinetune(memory.db, finetune, adapters, 2, tools.open);
    expect(actor).toMatchObject({
      ...{ subject: "user", role: "actor", trainRows: 2, validRows: 1, longRows: 1 },
      // Answers of 4 and 9 characters and an end each, two prompts of 10, twice.
      ...{ answerTokens: 2 * 15, tokens: 2 * 35 },
      refusal: expect.stringContaining("1 of 4 rows have more than 50 tokens") as string,
    });
    const { least = 0, most = 0 } = actor?.seconds ?? {};
    expect(least).toBeGreaterThan(0);
    expect(most).toBeGreaterThan(least);
    expect(reflector).toMatchObject({ trainRows: 0, tokens: 0 });
    expect(reflector?.refusal).toContain("there are no rows");
    expect(tools.closed).toBe(1);
  });
});

describe("requireTrainable", () => {
  test("refuses a base model that the machine cannot hold, with a cure", async () => {
    const { open } = fakeTools();
    await expect(requireTrainable(settings(), 64 << 20, open)).resolves.toBeUndefined();
    await expect(requireTrainable(settings(), 1 << 20, open)).rejects.toMatchObject({
      code: "OUT_OF_MEMORY",
      message: expect.stringContaining("set finetune.base to a smaller model") as string,
    });
  });
});
