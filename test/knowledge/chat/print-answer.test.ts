import { describe, expect, test } from "vitest";
import { parseConstruction } from "../../../src/knowledge/chat/parse-construction.ts";
import { parseJudgement, type Judged } from "../../../src/knowledge/chat/parse-judgement.ts";
import { printConstruction, printJudgement } from "../../../src/knowledge/chat/print-answer.ts";

const judged: readonly Judged[] = [
  { judgement: "reasonable", reflection: null },
  { judgement: "unreasonable", reflection: 'It says "likes all".\nIt is not reasonable to.' },
];

describe.each(["tags", "schema"] as const)("in the form %s", (form) => {
  test.each(judged)("a printed judgement is read back: $judgement", (each) => {
    expect(parseJudgement(printJudgement(each, form))).toEqual(each);
  });

  test.each(["like", "dislike"] as const)("a printed construction is read back: %s", (verdict) => {
    const each = { text: "They like dramas.\n\nThey dislike war.", verdict };
    expect(parseConstruction(printConstruction(each, form))).toEqual(each);
  });
});
