import { expect, test } from "vitest";
import type { Prompt } from "../../../src/knowledge/chat/prompts.ts";
import { askAndParse } from "../../../src/knowledge/chat/ask-and-parse.ts";
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
