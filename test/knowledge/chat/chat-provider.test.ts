import { describe, expect, test } from "vitest";
import { NoAnswer } from "../../../src/knowledge/answers/no-answer.ts";
import { FlowError } from "../../../src/base/errors.ts";
import { chatProvider } from "../../../src/knowledge/chat/chat-provider.ts";
import type { ActorStyle } from "../../../src/knowledge/roles.ts";
import { itemPrompts, userPrompts } from "../../../src/knowledge/chat/prompts.ts";
import { domainNouns } from "../../../src/knowledge/domain-nouns.ts";
import { AnswerPending, type ChatCall, type ChatQuestion } from "../../../src/llm/chat.ts";
import { randomItemContext, randomUser } from "../contexts/make-contexts.ts";
import { recordingAsk, scriptedClient } from "./scripted-client.ts";

const nouns = domainNouns("film", "viewer");
const user = randomUser(1);
const item = randomItemContext(1);

function open(
  answer: (question: ChatQuestion, time: number) => string | ChatCall["answer"],
  { style = "reason", askAgain = 1 }: { style?: ActorStyle; askAgain?: number } = {},
) {
  const { client, asked } = scriptedClient(answer);
  return { ...chatProvider({ client, nouns, style, structured: "schema", askAgain }), asked };
}

describe("an actor of a chat model", () => {
  test("asks the prompt of its task and cleans the answer; the call is reported", async () => {
    const { actors, asked } = open(() => "Here is the description:\n\nEnjoys dramas.");
    const { ask, calls } = recordingAsk(2);
    expect(await actors.user.reason(user, ask)).toEqual({
      provider: "openai",
      model: "scripted",
      promptVersion: "user-reason@3",
      text: "Enjoys dramas.",
    });
    const { messages, promptVersion, schema } = userPrompts(nouns, "schema").reason(user);
    expect(asked).toEqual([{ messages, promptVersion, schema, sample: 2 }]);
    expect(calls.map(({ key }) => key)).toEqual(["key-0"]);
  });

  test("refines with the text and the reflection it is given", async () => {
    const { actors, asked } = open(() => "Better.");
    const answer = await actors.item.refine(item, "Old text.", "Too vague.", recordingAsk().ask);
    expect(answer).toMatchObject({ text: "Better.", promptVersion: "item-refine@3" });
    expect(asked[0]?.messages).toEqual(
      itemPrompts(nouns, "schema").refine(item, "Old text.", "Too vague.").messages,
    );
  });

  test("in style kar thinks in one chain, and says so in its origin", async () => {
    const { actors, asked } = open(() => "First. Second. Third.", { style: "kar" });
    expect(actors.item.origin.promptVersion).toBe("item-kar@2");
    const answer = await actors.item.reason(item, recordingAsk().ask);
    expect(answer.promptVersion).toBe("item-kar@2");
    expect(asked[0]?.messages).toEqual(itemPrompts(nouns, "schema").kar(item).messages);
  });

  test("wants as many questions open as its client", () => {
    expect(open(() => "").inFlight).toBe(7);
  });
});

describe("a reflector of a chat model", () => {
  test("gives judgement and reflection, with the raw answer beside them", async () => {
    const raw = '```json\n{"judgement":"Unreasonable","reflection":"Too vague."}\n```';
    const { reflectors, asked } = open(() => raw);
    expect(await reflectors.user.reflect(user, "A text.", recordingAsk().ask)).toEqual({
      provider: "openai",
      model: "scripted",
      promptVersion: "user-reflect@3",
      text: raw,
      judgement: "unreasonable",
      reflection: "Too vague.",
    });
    expect(asked[0]?.schema?.name).toBe("judgement");
  });
});

describe("an answer that cannot be read", () => {
  test("is asked for again as sample 1000, 2000, ... with a reminder, up to the times allowed", async () => {
    const answers = ["Hm.", "Well.", '{"judgement":"reasonable","reflection":""}'];
    const { reflectors, asked } = open((_question, time) => answers[time] ?? "", { askAgain: 2 });
    const { ask, calls } = recordingAsk(3);
    const answer = await reflectors.item.reflect(item, "A text.", ask);
    expect(answer).toMatchObject({ judgement: "reasonable", reflection: null });
    expect(asked.map(({ sample }) => sample)).toEqual([3, 1003, 2003]);
    expect(calls).toHaveLength(3);
    const [first, second, third] = asked.map(({ messages }) => messages.at(-1)?.content ?? "");
    expect(second?.startsWith(`${first ?? ""}\n\n`)).toBe(true);
    expect(second).toContain("could not be read");
    expect(third).toBe(second);
  });

  test("is the subject's error when it stays so, with its beginning on one line", async () => {
    const { reflectors } = open((_question, time) => `Hm,\n hard ${time}. ${"x".repeat(300)}`);
    const { ask, calls } = recordingAsk();
    const failure = await reflectors.user
      .reflect(user, "A text.", ask)
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(FlowError);
    expect(String(failure)).toMatch(/^NoAnswer: unreadable answer: Hm, hard 1\. x{180,190}…$/u);
    expect(calls).toHaveLength(2);
  });

  test("is asked for once where asking again is off", async () => {
    const { actors, asked } = open(() => "...", { askAgain: 0 });
    await expect(actors.user.reason(user, recordingAsk().ask)).rejects.toThrow(
      "unreadable answer: ...",
    );
    expect(asked).toHaveLength(1);
  });
});

describe("a prompt without an answer", () => {
  test("is the subject's error, reported as a call and not asked again", async () => {
    const { actors, asked } = open(() => ({ status: "filtered", reason: "content filter" }));
    const { ask, calls } = recordingAsk();
    const failure = await actors.user.reason(user, ask).catch((thrown: unknown) => thrown);
    expect(failure).toEqual(new NoAnswer("filtered", "filtered: content filter"));
    expect(failure).not.toBeInstanceOf(FlowError);
    expect(asked).toHaveLength(1);
    expect(calls.map(({ answer }) => answer.status)).toEqual(["filtered"]);
  });

  test.each([
    new FlowError("BUDGET_SPENT", "spent"),
    new AnswerPending("queued"),
    new DOMException("stopped", "AbortError"),
  ])("%s of the client passes through as it is", async (thrown) => {
    const { actors } = open(() => {
      throw thrown;
    });
    await expect(actors.user.reason(user, recordingAsk().ask)).rejects.toBe(thrown);
  });
});
