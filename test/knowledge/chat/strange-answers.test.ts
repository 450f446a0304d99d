import { describe, expect, test } from "vitest";
import { parseConstruction } from "../../../src/knowledge/chat/parse-construction.ts";
import { parseJudgement } from "../../../src/knowledge/chat/parse-judgement.ts";
import { parseKnowledge } from "../../../src/knowledge/chat/parse-knowledge.ts";
import { parseVerdict } from "../../../src/knowledge/chat/parse-verdict.ts";
import { randomFrom } from "../contexts/make-contexts.ts";

/** Pieces that answers are made of, torn and repeated. */
const pieces = [
  "<judgement>",
  "</judgement>",
  "<reflection>",
  "</ Reflection>",
  "<knowledge>",
  "<verdict>",
  "</verdict>",
  "<think>",
  "</think>",
  "reasonable",
  "unreasonable",
  "not",
  "like",
  "dislike",
  "will not",
  '{"judgement": "',
  '"}',
  "{",
  "}",
  "```",
  "\n",
  "Verdict:",
  "Judgement",
  "It misses the comedies.",
  "\u2028\ud800",
];

function torn(seed: number, most: number): string {
  const random = randomFrom(seed);
  const length = Math.floor(random() * most);
  return Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)] ?? "").join(
    random() < 0.5 ? "" : " ",
  );
}

const anyTag = /<\s*\/?\s*(?:judgement|reflection|knowledge|verdict|think)\s*>/iu;

describe("whatever a model answers", () => {
  test("what is read is whole: no tag of ours, no empty text, no third judgement", () => {
    let readable = 0;
    for (let seed = 0; seed < 4000; seed += 1) {
      const answer = torn(seed, 16);
      const judged = parseJudgement(answer);
      const construction = parseConstruction(answer);
      const knowledge = parseKnowledge(answer);
      expect([null, "like", "dislike"]).toContain(parseVerdict(answer));
      const texts = [judged?.reflection, construction?.text, knowledge].filter(
        (text) => typeof text === "string",
      );
      for (const text of texts) {
        expect(text.trim(), answer).not.toBe("");
        expect(text, answer).not.toMatch(anyTag);
      }
      readable += [judged, construction, knowledge].filter((value) => value !== null).length;
    }
    expect(readable).toBeGreaterThan(1000);
  });

  test.each(["{", "<think>", "<judgement>", "```\n", '{"a":', "not ", "Verdict: ", " \n"])(
    "%j over and over, as a model in a loop writes, is read in a moment",
    (piece) => {
      const answer = piece.repeat(16_384 / piece.length);
      const started = performance.now();
      for (const parse of [parseJudgement, parseConstruction, parseKnowledge, parseVerdict]) {
        parse(answer);
      }
      expect(performance.now() - started).toBeLessThan(3000);
    },
  );
});
