import { describe, expect, test } from "vitest";
import { parseConstruction } from "../../../src/knowledge/chat/parse-construction.ts";
import { parseJudgement } from "../../../src/knowledge/chat/parse-judgement.ts";
import { parseKnowledge } from "../../../src/knowledge/chat/parse-knowledge.ts";
import { parseVerdict } from "../../../src/knowledge/chat/parse-verdict.ts";
import { constructions, judgements, knowledges, verdicts } from "./answers.ts";

describe("parseJudgement", () => {
  test.each(judgements)("reads: $what", ({ answer, expected }) => {
    expect(parseJudgement(answer)).toEqual(expected);
  });
});

describe("parseVerdict", () => {
  test.each(verdicts)("reads: $what", ({ answer, expected }) => {
    expect(parseVerdict(answer)).toBe(expected);
  });
});

describe("parseKnowledge", () => {
  test.each(knowledges)("reads: $what", ({ answer, expected }) => {
    expect(parseKnowledge(answer)).toBe(expected);
  });
});

describe("parseConstruction", () => {
  test.each(constructions)("reads: $what", ({ answer, expected }) => {
    expect(parseConstruction(answer)).toEqual(expected);
  });
});

describe("the table of answers", () => {
  test("holds at least 60, of which a good part cannot be read", () => {
    const all = [...judgements, ...verdicts, ...knowledges, ...constructions];
    expect(all.length).toBeGreaterThanOrEqual(60);
    expect(all.filter(({ expected }) => expected === null).length).toBeGreaterThanOrEqual(15);
  });
});
