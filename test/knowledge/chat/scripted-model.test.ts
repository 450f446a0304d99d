import { describe, expect, test } from "vitest";
import { chatProvider } from "../../../src/knowledge/chat/chat-provider.ts";
import { parseConstruction } from "../../../src/knowledge/chat/parse-construction.ts";
import { parseJudgement } from "../../../src/knowledge/chat/parse-judgement.ts";
import { parseKnowledge } from "../../../src/knowledge/chat/parse-knowledge.ts";
import {
  askedAgain,
  itemPrompts,
  userPrompts,
  type Prompt,
  type Prompts,
} from "../../../src/knowledge/chat/prompts.ts";
import { domainNouns } from "../../../src/knowledge/domain-nouns.ts";
import { readQuestion, scriptedAnswer } from "../../util/scripted-model.ts";
import { item, rated, randomItemContext, randomUser } from "../contexts/make-contexts.ts";
import { recordingAsk, scriptedClient } from "./scripted-client.ts";

const nouns = domainNouns("film", "viewer");
const seeds = Array.from({ length: 150 }, (_, index) => index);

/** The model's answer, asked again once where it cannot be read. */
function answered<T>(
  prompt: Prompt,
  parse: (text: string) => T | null,
): { value: T; asked: number } {
  for (const [asked, each] of [prompt, askedAgain(prompt)].entries()) {
    const value = parse(scriptedAnswer(each));
    if (value !== null) return { value, asked: asked + 1 };
  }
  throw new Error(`unreadable twice: ${scriptedAnswer(askedAgain(prompt))}`);
}

/** Every path of a case through the teacher's tasks: "again" marks an answer that was unreadable at first. */
function paths<C, K>(prompts: Prompts<C, K>, each: K): readonly string[] {
  const first = answered(prompts.constructReason(each), parseConstruction);
  const { text, verdict } = first.value;
  const judged = answered(prompts.constructReflect(each, text), parseJudgement);
  const found = [...(first.asked + judged.asked > 2 ? ["again"] : [])];
  if (judged.value.judgement === "reasonable") return [...found, `reasonable ${verdict}`];
  const refine = prompts.constructRefine(each, text, judged.value.reflection);
  const second = answered(refine, parseConstruction).value;
  const changed = second.verdict === verdict ? "kept" : "changed";
  return [...found, "refined", `verdict ${changed}`];
}

describe.each(["tags", "schema"] as const)("the scripted model, asked in the form %s", (form) => {
  const user = userPrompts(nouns, form);
  const film = itemPrompts(nouns, form);

  test("takes every path of construction, and each answer can be read at the second asking", () => {
    const users = seeds.flatMap((seed) => {
      const context = randomUser(seed);
      return paths(user, { context, target: randomItemContext(seed).item });
    });
    const items = seeds.flatMap((seed) => {
      const targetHistory = randomUser(seed + 1000).history;
      return paths(film, { context: randomItemContext(seed), targetHistory });
    });
    const expected = [
      "again",
      "reasonable like",
      "reasonable dislike",
      "refined",
      "verdict kept",
      "verdict changed",
    ];
    expect(new Set(users)).toEqual(new Set(expected));
    expect(new Set(items)).toEqual(new Set(expected));
  });

  test("takes every path of inference through a provider that asks again", async () => {
    const found = new Set<string>();
    for (const seed of seeds) {
      const { client } = scriptedClient((question) => scriptedAnswer(question));
      const provider = chatProvider({
        client,
        nouns,
        style: "reason",
        structured: form,
        askAgain: 1,
      });
      const { ask, calls } = recordingAsk();
      const context = randomUser(seed);
      const { text } = await provider.actors.user.reason(context, ask);
      const first = await provider.reflectors.user.reflect(context, text, ask);
      found.add(first.judgement);
      if (first.judgement === "unreasonable") {
        const better = await provider.actors.user.refine(context, text, first.reflection, ask);
        const second = await provider.reflectors.user.reflect(context, better.text, ask);
        found.add(`then ${second.judgement}`);
      }
      if (calls.some(({ answer }) => answer.status === "ok" && parses(answer.text) === 0)) {
        found.add("unreadable");
      }
    }
    expect(found).toEqual(
      new Set(["reasonable", "unreasonable", "then reasonable", "then unreasonable", "unreadable"]),
    );
  });

  test("gives the same answer to the same body, and another text for another seed", () => {
    const context = randomUser(4);
    const { messages } = user.reason(context);
    expect(scriptedAnswer({ messages, seed: 1 })).toBe(scriptedAnswer({ messages, seed: 1 }));
    const answers = seeds.map((seed) => scriptedAnswer({ messages, seed }));
    expect(new Set(answers).size).toBeGreaterThan(3);
  });

  test("answers one chain of thought in both subjects", () => {
    expect(answered(user.kar(randomUser(4)), parseKnowledge).value).toMatch(/^First, .*Third, /u);
    expect(answered(film.kar(randomItemContext(4)), parseKnowledge).value).toMatch(/^First, /u);
  });
});

/** How many of the parsers can read an answer. */
function parses(text: string): number {
  return [parseKnowledge(text), parseJudgement(text)].filter((value) => value !== null).length;
}

describe("readQuestion", () => {
  const context = {
    userId: 1,
    history: [rated(item(1, 1950, "Drama"), 5), rated(item(2, 1960, "War"), 1)],
  };
  const prompts = userPrompts(nouns, "tags");
  const target = item(3, 1970, "Drama");

  test.each([
    ["reason", false, prompts.reason(context)],
    ["reflect", false, prompts.reflect(context, "k")],
    ["refine", false, prompts.refine(context, "k", "r")],
    ["kar", false, prompts.kar(context)],
    ["reason", true, prompts.constructReason({ context, target })],
    ["reflect", true, prompts.constructReflect({ context, target }, "k")],
    ["refine", true, prompts.constructRefine({ context, target }, "k", "r")],
  ] as const)("recognises %s, construction %s", (task, isConstruction, prompt) => {
    const question = readQuestion(prompt);
    const isFirst = task === "reason" || task === "kar";
    expect(question).toMatchObject({
      subject: "user",
      task,
      isConstruction,
      isAgain: false,
      text: isFirst ? "" : "k",
      reflection: task === "refine" ? "r" : "",
      data: { history: [{ title: "Title 1", verdict: "like" }, { verdict: "dislike" }] },
    });
    expect(readQuestion(askedAgain(prompt))).toMatchObject({ task, isConstruction, isAgain: true });
  });

  test("refuses a conversation that is none of ours", () => {
    expect(() => readQuestion({ messages: [{ role: "user", content: "Hello" }] })).toThrow(
      "does not know",
    );
  });

  test("a target that shares what was liked is liked, in the careful text", () => {
    const liked = prompts.constructRefine({ context, target }, "k", "r");
    const disliked = prompts.constructRefine({ context, target: item(4, 1970, "War") }, "k", "r");
    expect(answered(liked, parseConstruction).value.verdict).toBe("like");
    expect(answered(disliked, parseConstruction).value.verdict).toBe("dislike");
  });
});
