import { describe, expect, test } from "vitest";
import { withoutThinking } from "../../../src/knowledge/chat/thinking.ts";

const answer = "Enjoys film noir of the 1940s.";
const thought = "The user wants one text. I must not name films.";

const marks: readonly (readonly [string, string])[] = [
  ["<think>", "</think>"],
  ['<think duration="4">', "</think>"],
  ["<thinking>", "</thinking>"],
  ["<thought>", "</thought>"],
  ["<reasoning>", "</reasoning>"],
  ["<analysis>", "</analysis>"],
  ["<scratchpad>", "</scratchpad>"],
  ["<seed:think>", "</seed:think>"],
  ["<mm:think>", "</mm:think>"],
  ['<details type="reasoning" done="true">', "</details>"],
  ["[THINK]", "[/THINK]"],
  ["◁think▷", "◁/think▷"],
  ["<|begin_of_thought|>", "<|end_of_thought|>"],
  ["<|START_THINKING|>", "<|END_THINKING|>"],
  ["<|channel>thought\n", "<channel|>"],
  ["<unused94>thought\n", "<unused95>"],
];

describe("withoutThinking takes off", () => {
  test.each(marks)("%s … %s", (open, close) => {
    expect(withoutThinking(`${open}${thought}${close}\n${answer}`)).toBe(answer);
    expect(withoutThinking(`${open}a${close}${open}b${close}${answer}`)).toBe(answer);
    expect(withoutThinking(`${answer}\n${open}${thought}${close}`)).toBe(answer);
  });

  test.each(marks)("%s that was opened by the template, up to %s", (_, close) => {
    expect(withoutThinking(`${thought}${close}\n${answer}`)).toBe(answer);
  });

  test.each(marks)("%s that is never closed: nothing is left", (open) => {
    expect(withoutThinking(`${open}${thought}\n${answer}`)).toBe("");
    expect(withoutThinking(`${answer}\n${open}${thought}`)).toBe(answer);
  });

  test.each([
    `<|channel|>analysis<|message|>${thought}<|end|><|start|>assistant<|channel|>final<|message|>${answer}<|return|>`,
    `<|start|>assistant<|channel|>analysis<|message|>${thought}<|end|><|start|>assistant<|channel|>commentary<|message|>x<|end|><|start|>assistant<|channel|>final<|message|>${answer}`,
    `<|channel|>final <|constrain|>text<|message|>${answer}<|end|>`,
    `analysis${thought}assistantfinal${answer}`,
    `analysis\n${thought}\nassistantfinal\n${answer}`,
    `analysis${thought}assistantcommentaryHm.assistantfinal${answer}`,
  ])("the channels before the final one: %s", (text) => {
    expect(withoutThinking(text)).toBe(answer);
  });

  test.each([
    `<|channel|>analysis<|message|>${thought}`,
    `<|channel|>analysis<|message|>${thought}<|end|>`,
    `analysis${thought} ${answer}`,
    `commentary\n${thought}`,
    `Here is my thought process: ${thought} ${answer}`,
  ])("all of an answer that never came to its end: %s", (text) => {
    expect(withoutThinking(text)).toBe("");
  });

  test.each([
    `Here is my thought process: ${thought}\nHere is my response: ${answer}`,
    `**Thinking:** ${thought}\n\n**Final answer:** ${answer}`,
    `### Reasoning\n${thought}\n### Answer\n${answer}`,
    "```thinking\nhm\n```\n" + answer,
  ])("thinking under a heading: %s", (text) => {
    expect(withoutThinking(text)).toBe(answer);
  });

  test.each([
    `${answer}<|im_end|>`,
    `${answer}<|im_end|>\n<|im_start|>user\nThanks!<|im_end|>\n<|im_start|>assistant\nWelcome.`,
    `${answer}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nMore.`,
    `<|start_header_id|>assistant<|end_header_id|>\n\n${answer}<|eot_id|>`,
    `<|im_start|>assistant\n${answer}`,
    `<s> ${answer}</s>`,
    `<bos><start_of_turn>model\n${answer}<end_of_turn>`,
    `[INST] describe [/INST] ${answer}`,
    `${answer}<｜end▁of▁sentence｜>`,
    `<|START_RESPONSE|>${answer}<|END_RESPONSE|>`,
    `<|begin_of_solution|>${answer}<|end_of_solution|>`,
    `${answer}<|endoftext|>Once upon a time`,
  ])("marks of turns: %s", (text) => {
    expect(withoutThinking(text)).toBe(answer);
  });
});

test.each([
  answer,
  "Analysis of the ratings: likes noir.",
  "analysis of the ratings shows noir.",
  "Thinking people's films; likes <i>The Answer</i>.",
  "Likes [Think Big] and 1 < 2 > 0.",
  "Reasoning: the ratings of noir are high.",
  "<judgement>unreasonable</judgement>\n<reflection>More noir.</reflection>",
])("withoutThinking leaves a text as it is: %s", (text) => {
  expect(withoutThinking(text)).toBe(text);
});
