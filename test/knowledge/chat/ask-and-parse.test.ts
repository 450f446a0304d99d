import { describe, expect, test } from "vitest";
import type { Prompt } from "../../../src/knowledge/chat/prompts.ts";
import { askAndParse } from "../../../src/knowledge/chat/ask-and-parse.ts";
import { schemaSupport } from "../../../src/knowledge/chat/schema-support.ts";
import type { ChatCall, ChatClient, ChatQuestion } from "../../../src/llm/chat.ts";
import { scriptedTeacher } from "../construct/scripted-teacher.ts";

const prompt: Prompt = {
  messages: [
    { role: "system", content: "s" },
    { role: "user", content: "case 7" },
  ],
  promptVersion: "user-construct-reason@1",
  schema: null,
  reminder: "In tags, please.",
};
const { signal } = new AbortController();

async function ask(answers: readonly string[], askAgain: number) {
  const { client, asked } = scriptedTeacher({ 7: [{}, { reason: answers }] }, /case (\d+)/);
  const asks: number[] = [];
  const { parsed } = await askAndParse(prompt, (text) => (text === "yes" ? "read" : null), {
    client,
    askAgain,
    sample: 1,
    signal,
    onCall: (time) => void asks.push(time),
  });
  return { parsed, asked, asks };
}

test("an answer that can be read is asked for once, as the prompt stands", async () => {
  const { parsed, asked } = await ask(["yes"], 3);
  expect(parsed).toEqual({ status: "read", answer: "read" });
  const { messages, promptVersion, schema } = prompt;
  expect(asked).toEqual([{ messages, promptVersion, schema, sample: 1 }]);
});

test("asked again, the prompt ends with the reminder and no two questions are the same", async () => {
  const { parsed, asked, asks } = await ask(["no", "no", "yes"], 2);
  expect(parsed).toEqual({ status: "read", answer: "read" });
  expect(asks).toEqual([0, 1, 2]);
  expect(asked.map(({ messages }) => messages[1]?.content)).toEqual([
    "case 7",
    "case 7\n\nIn tags, please.",
    "case 7\n\nIn tags, please.",
  ]);
  expect(new Set(asked.map(({ sample }) => sample)).size).toBe(3);
});

test("after the last time it is unreadable", async () => {
  const { parsed, asked } = await ask(["no", "no", "yes"], 1);
  expect(parsed).toEqual({
    status: "unreadable",
    reason: "could not read 2 answers to user-construct-reason@1",
  });
  expect(asked).toHaveLength(2);
});

test("a refusal in place of an answer is filtered, in the model's words, and not asked again", async () => {
  const said = "<think>No.</think>I'm sorry, but I can't help with that.";
  const { parsed, asked } = await ask([said, "yes"], 3);
  expect(parsed).toEqual({
    status: "filtered",
    reason: "the model refused: I'm sorry, but I can't help with that.",
  });
  expect(asked).toHaveLength(1);
});

/** A client with a cache of earlier answers; asked to renew one, or without one, it answers from `now`. */
function remembering(earlier: Readonly<Record<number, string>>, now: readonly string[]) {
  const asked: ChatQuestion[] = [];
  let sent = 0;
  const client: ChatClient = {
    provider: "openai",
    model: "m",
    inFlight: 1,
    ask: (question) => {
      asked.push(question);
      const known = question.isRenewed === true ? undefined : earlier[question.sample];
      const text = known ?? now[sent++] ?? "none";
      const call: ChatCall = {
        ...{ key: text, provider: "openai", model: "m", promptVersion: "p", costUsd: null },
        answer: text.startsWith("!")
          ? { status: "rejected", reason: text.slice(1) }
          : { status: "ok", text },
        usage: { promptTokens: null, completionTokens: null, cachedTokens: null },
        ...{ latencyMs: 1, attempts: 1, isCached: known !== undefined },
      };
      return Promise.resolve(call);
    },
  };
  return { client, asked, sent: () => sent };
}

const readYes = (text: string): string | null => (text.startsWith("yes") ? text : null);

describe("answers of an earlier run", () => {
  const askedOf = async (world: ReturnType<typeof remembering>) => {
    const calls: string[] = [];
    const { parsed } = await askAndParse(prompt, readYes, {
      ...{ client: world.client, askAgain: 1, sample: 0, signal },
      onCall: (ask, { key }) => void calls.push(`${ask} ${key}`),
    });
    return { parsed, calls };
  };

  test("that could not be read are asked for anew, from the first question on, and only those count as calls", async () => {
    const world = remembering({ 0: "no", 1000: "no more" }, ["yes now"]);
    const { parsed, calls } = await askedOf(world);
    expect(parsed).toEqual({ status: "read", answer: "yes now" });
    expect(calls).toEqual(["0 yes now"]);
  });

  test("are kept where the second could be read", async () => {
    const world = remembering({ 0: "no", 1000: "yes before" }, ["yes now"]);
    const { parsed, calls } = await askedOf(world);
    expect(parsed).toEqual({ status: "read", answer: "yes before" });
    expect(calls).toEqual(["0 no", "1 yes before"]);
    expect(world.sent()).toBe(0);
  });

  test("go on where a killed run had asked only once", async () => {
    const world = remembering({ 0: "no" }, ["yes now"]);
    expect((await askedOf(world)).calls).toEqual(["0 no", "1 yes now"]);
    expect(world.sent()).toBe(1);
  });

  test("are asked for anew once: what is unreadable again stays so", async () => {
    const world = remembering({ 0: "no", 1000: "no" }, ["no", "no", "yes too late"]);
    expect((await askedOf(world)).parsed).toMatchObject({ status: "unreadable" });
    expect(world.sent()).toBe(2);
  });
});

describe("a server that refuses schemas", () => {
  const schema = { name: "judgement", schema: {} };
  const strict: Prompt = { ...prompt, schema, inTags: () => prompt };
  const askedOf = async (answers: readonly string[], times = 1) => {
    const world = remembering({}, answers);
    const notes: string[] = [];
    const schemas = schemaSupport("m-3", (_about, note) => void notes.push(note));
    const calls: string[] = [];
    let last: unknown;
    for (let time = 0; time < times; time += 1) {
      const { parsed } = await askAndParse(strict, readYes, {
        ...{ client: world.client, askAgain: 0, sample: 0, signal, schemas },
        onCall: (ask, { key }) => void calls.push(`${ask} ${key}`),
      });
      last = parsed;
    }
    const forms = world.asked.map((question) => (question.schema === null ? "tags" : "schema"));
    return { last, calls, notes, forms };
  };

  test.each([
    "!the server answered 400: This response_format type is unavailable now",
    "!the server answered 422: json_schema: extra fields not permitted",
    "!the server answered 400: structured outputs are not supported by this model",
    "!the server answered 400: guided decoding needs a grammar backend",
  ])("is asked in tags from then on, and the user is told once (%s)", async (refusal) => {
    const { last, calls, notes, forms } = await askedOf([refusal, "yes 1", "yes 2"], 2);
    expect(last).toEqual({ status: "read", answer: "yes 2" });
    expect(calls).toEqual([`0 ${refusal}`, "1 yes 1", "0 yes 2"]);
    expect(forms).toEqual(["schema", "tags", "tags"]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain("the server of m-3 refuses JSON schemas");
  });

  test("is not what a refusal of the prompt itself is", async () => {
    const { last, forms, notes } = await askedOf(["!the server answered 400: prompt too long"]);
    expect(last).toMatchObject({ status: "rejected" });
    expect(forms).toEqual(["schema"]);
    expect(notes).toEqual([]);
  });

  test("is not concluded where the prompt is refused in tags as well", async () => {
    const no = "!the server answered 400: response_format";
    const { last, forms, notes } = await askedOf([no, no, no, no], 2);
    expect(last).toMatchObject({ status: "rejected" });
    expect(forms).toEqual(["schema", "tags", "schema", "tags"]);
    expect(notes).toEqual([]);
  });
});
