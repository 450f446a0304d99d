import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { answerRow } from "../../../src/knowledge/tuned/answer-row.ts";
import { evaluateStage } from "../../../src/knowledge/tuned/evaluate-stage.ts";
import { loadHeldOut, titleChecks, type HeldOut } from "../../../src/knowledge/tuned/held-out.ts";
import { userCases } from "../../../src/knowledge/construct/cases.ts";
import { knowledgeSettings } from "../../../src/knowledge/settings.ts";
import type { ChatClient } from "../../../src/llm/chat.ts";
import { taskSpecs } from "../../../src/flow/task-key.ts";
import { at, makeRunTable } from "../../util/hand-made-table.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

const lesson = (subject_id: number, split: string, more: object = {}) => ({
  ...{ subject: "user", subject_id, sample: 0, split, prompt_version: "user-reflect@3" },
  messages: JSON.stringify([{ role: "user", content: `judge ${String(subject_id)}` }]),
  ...more,
});

async function makeLessons(): Promise<void> {
  await makeRunTable(memory.db, "sft_reason", [lesson(9, "valid")]);
  await makeRunTable(memory.db, "sft_refine", []);
  await makeRunTable(
    memory.db,
    "sft_reflect",
    [1, 2, 3, 4, 5].map((id) =>
      lesson(id, id === 3 ? "train" : "valid", {
        judgement: id % 2 === 0 ? "unreasonable" : "reasonable",
      }),
    ),
  );
}

/** A model that says the same to every prompt. */
function saying(text: string | null): ChatClient {
  return {
    ...{ provider: "gguf", model: "tiny", inFlight: 1 },
    ask: ({ promptVersion }) =>
      Promise.resolve({
        ...{ key: "k", provider: "gguf", model: "tiny", promptVersion, costUsd: 0, latencyMs: 1 },
        answer: text === null ? { status: "length", reason: "cut off" } : { status: "ok", text },
        usage: { promptTokens: 5, completionTokens: 7, cachedTokens: 0 },
        ...{ attempts: 1, isCached: false },
      }),
  };
}

describe("loadHeldOut, by knowledge/held_out", () => {
  test("gives validation rows of the role alone, the same ones every time, at most so many", async () => {
    await makeLessons();
    const idsOf = async (role: "actor" | "reflector", most: number) =>
      (await loadHeldOut(memory.db, { subject: "user", role }, most)).map((one) => one.subjectId);
    expect(await idsOf("reflector", 50)).toEqual([1, 2, 4, 5]);
    expect(await idsOf("actor", 50)).toEqual([9]);
    const some = await idsOf("reflector", 2);
    expect(some).toHaveLength(2);
    expect(await idsOf("reflector", 2)).toEqual(some);
    const [first] = await loadHeldOut(memory.db, { subject: "user", role: "reflector" }, 50);
    expect(first).toMatchObject({
      ...{ task: "reflect", judgement: "reasonable" },
      prompt: { messages: [{ role: "user", content: "judge 1" }], promptVersion: "user-reflect@3" },
    });
  });
});

describe("answerRow", () => {
  const heldOut = (task: HeldOut["task"]): HeldOut => ({
    ...{ task, subjectId: 2, sample: 0, judgement: task === "reflect" ? "unreasonable" : null },
    prompt: { messages: [], promptVersion: "p@1", schema: null, reminder: "" },
  });
  const rowOf = (task: HeldOut["task"], text: string | null) =>
    answerRow(heldOut(task), {
      ...{ client: saying(text), askAgain: 0, signal: new AbortController().signal },
      namesTarget: (said) => said.includes("Brazil"),
    });

  test("holds the judgement beside the teacher's", async () => {
    expect(
      await rowOf(
        "reflect",
        "<judgement>unreasonable</judgement><reflection>It never says why.</reflection>",
      ),
    ).toMatchObject({
      ...{ status: "read", expected: "unreasonable", judgement: "unreasonable", words: 4 },
      ...{ names_target: false, completion_tokens: 7 },
    });
  });

  test("tells a text that names what it must not know", async () => {
    expect(await rowOf("reason", "They will like Brazil.")).toMatchObject({
      ...{ status: "read", judgement: null, words: 4, names_target: true },
    });
  });

  test("says that an answer could not be read, or why there is none", async () => {
    expect(await rowOf("reflect", "Hm.")).toMatchObject({
      ...{ status: "unreadable", judgement: null, words: null, names_target: null },
    });
    expect(await rowOf("reason", null)).toMatchObject({ status: "length", words: null });
  });
});

describe("titleChecks", () => {
  test("forbid each subject the title of its own target", async () => {
    const item = (itemId: number, title: string) => ({ itemId, title, year: null, attributes: {} });
    await makeRunTable(memory.db, "user_targets", [
      { user_id: 1, item_id: 10, label: 1, ts: at(2) },
      { user_id: 2, item_id: 20, label: 0, ts: at(2) },
    ]);
    await makeRunTable(
      memory.db,
      "user_contexts",
      [1, 2].map((user_id) => ({
        ...{ user_id, last_ts: at(1), history_items: [30], history_ratings: [5] },
      })),
    );
    const items = new Map([10, 20, 30].map((id) => [id, item(id, `Title ${String(id)}`)]));
    const checks = await titleChecks(memory.db, userCases, {
      ...{ items, positiveAbove: 3 },
    });
    const named = (user: number) =>
      [10, 20, 30].filter((id) => checks.get(user)?.(`It is Title ${String(id)}.`));
    expect(named(1)).toEqual([10]);
    expect(named(2)).toEqual([20]);
  });
});

describe("evaluateStage", () => {
  test("has a task for each adapter that a role is played with, reading its own part", async () => {
    await mkdir(join(memory.dir, "tables"));
    const own = { provider: "gguf", model: "m.gguf", adapter: "finetuned" };
    const part = (table: string, name: string) => ({
      ...{ table, path: `tables/${name}`, rows: 1, bytes: 1, sha256: name },
    });
    const stage = evaluateStage({
      knowledge: knowledgeSettings.parse({ actor: own, items: { reflector: own } }),
      ...{ positiveAbove: 3, most: 7, retry: { kinds: null, beforeMs: 0 } },
      adapters: (["user", "item"] as const).flatMap((subject) =>
        (["actor", "reflector"] as const).map((role) => ({ subject, role })),
      ),
    });
    const tasks = taskSpecs(stage, {
      adapters: ["ua", "ur", "ia", "ir"].map((name) => part("adapters", name)),
      sft_reflect: [part("sft_reflect", "r")],
    });
    expect(
      tasks.map(({ params, inputs }) => [
        params,
        inputs["adapters"]?.map(({ sha256 }) => sha256),
        Object.keys(inputs).filter((name) => name.startsWith("sft_")),
      ]),
    ).toEqual([
      [
        expect.objectContaining({ subject: "user", role: "actor" }),
        ["ua"],
        ["sft_reason", "sft_refine"],
      ],
      [
        expect.objectContaining({ subject: "item", role: "actor" }),
        ["ia"],
        ["sft_reason", "sft_refine"],
      ],
      [expect.objectContaining({ subject: "item", role: "reflector" }), ["ir"], ["sft_reflect"]],
    ]);
  });

  test("leaves out what a server plays: nothing says that it has the base model", () => {
    const served = { provider: "openai", model: "finetuned" };
    const stage = evaluateStage({
      knowledge: knowledgeSettings.parse({ actor: served, items: { actor: served } }),
      ...{ positiveAbove: 3, most: 7, retry: { kinds: null, beforeMs: 0 }, adapters: [] },
    });
    expect(taskSpecs(stage, {})).toEqual([]);
  });
});
