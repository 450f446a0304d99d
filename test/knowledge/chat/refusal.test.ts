import { describe, expect, test } from "vitest";
import { isRefusal } from "../../../src/knowledge/chat/refusal.ts";

describe("isRefusal", () => {
  test.each([
    "I'm sorry, but I can't assist with that.",
    "I am sorry, but I cannot describe a real person's taste.",
    "Sorry, I can’t help with this request.",
    "I cannot provide a description of this viewer.",
    "I'm unable to comply with this request.",
    "I won't write that.",
    "Unfortunately, I do not have enough data to judge.",
    "I apologize, but as a model I am not able to infer tastes.",
    "As an AI language model, I don't have access to personal data.",
    "This request violates our usage policy.",
    "**I'm sorry, but I can't do that.**",
    "抱歉，我无法回答这个问题。",
    "Lo siento, no puedo ayudar con eso.",
    "Es tut mir leid, dabei kann ich nicht helfen.",
  ])("%s", (text) => {
    expect(isRefusal(text)).toBe(true);
  });

  test.each([
    "Enjoys noir and cannot stand farces.",
    "This viewer is sorry for lost heroes and can't get enough of noir.",
    "I think this viewer enjoys noir.",
    "Sorry tales of lost heroes are what this viewer likes most.",
    "Unfortunately few ratings are low; the viewer enjoys noir.",
    "<judgement>unreasonable</judgement><reflection>I cannot find noir in it.</reflection>",
    '{"judgement": "unreasonable"}',
    `I'm sorry, but I can't be certain. Still, ${"this viewer enjoys noir and shuns farces. ".repeat(15)}`,
    "",
  ])("not: %s", (text) => {
    expect(isRefusal(text)).toBe(false);
  });
});
