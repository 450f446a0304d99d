import { describe, expect, test } from "vitest";
import { lessonsOf, students, type Lesson } from "../../../src/finetune/export/lessons.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";
import { makeLessons, sampleLessons } from "./sample-lessons.ts";

const memory = useMemoryDatabase();

async function read(
  student: { readonly subject: "user" | "item"; readonly role: "actor" | "reflector" },
  isReasonOnly = false,
): Promise<readonly Lesson[]> {
  const lessons: Lesson[] = [];
  for await (const lesson of lessonsOf(memory.db, student, isReasonOnly)) lessons.push(lesson);
  return lessons;
}

const answers = (lessons: readonly Lesson[]): readonly string[] =>
  lessons.map(({ answer }) => answer.content);

describe("finetune/lessons", () => {
  test("an actor learns from reasoning and refining, those about a subject together; a reflector from judging", async () => {
    await makeLessons(memory.db, sampleLessons);
    const actor = await read({ subject: "user", role: "actor" });
    expect(answers(actor)).toEqual(["reason 1", "reason 1", "refine 1", "reason 2", "reason 3"]);
    expect(actor[3]).toEqual({
      prompt: [
        { role: "system", content: "You are an expert." },
        { role: "user", content: 'reason about 2: "é\n\u2028<data>"' },
      ],
      answer: { role: "assistant", content: "reason 2" },
      split: "valid",
      tokens: 100,
    });
    expect(answers(await read({ subject: "user", role: "reflector" }))).toEqual([
      "reflect 1",
      "reflect 2",
    ]);
    expect(answers(await read({ subject: "item", role: "actor" }))).toEqual(["reason 7"]);
  });

  test("an actor that is to reason alone sees no refinement", async () => {
    await makeLessons(memory.db, sampleLessons);
    const actor = await read({ subject: "user", role: "actor" }, true);
    expect(answers(actor)).toEqual(["reason 1", "reason 1", "reason 2", "reason 3"]);
  });

  test.each([
    ["a turn of the model", ["system", "user", "assistant", "user"]],
    ["no system message", ["user"]],
  ])("a prompt with %s is an error that names the row and the cure", async (_, roles) => {
    const messages = JSON.stringify(roles.map((role) => ({ role, content: "x" })));
    await makeLessons(memory.db, { reflect: [{ subject_id: 5, sample: 1, messages }] });
    await expect(read({ subject: "user", role: "reflector" })).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringMatching(
        /^sft_reflect, user 5, inference 1: .* run the pipeline again with --to construct\.$/u,
      ) as unknown,
    });
  });

  test("a prompt that is no JSON is the same error", async () => {
    await makeLessons(memory.db, { reason: [{ subject_id: 5, messages: "[{" }] });
    await expect(read({ subject: "user", role: "actor" })).rejects.toThrow("sft_reason, user 5");
  });
});

test("there are four models, or two actors that reason alone", () => {
  expect(students(false).map(({ name, tables }) => [name, tables.join(" ")])).toEqual([
    ["user-actor", "sft_reason sft_refine"],
    ["user-reflector", "sft_reflect"],
    ["item-actor", "sft_reason sft_refine"],
    ["item-reflector", "sft_reflect"],
  ]);
  expect(students(true).map(({ name, tables }) => [name, tables.join(" ")])).toEqual([
    ["user-actor", "sft_reason"],
    ["item-actor", "sft_reason"],
  ]);
});
