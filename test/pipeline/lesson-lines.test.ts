import { describe, expect, test } from "vitest";
import { lessonLine } from "../../src/pipeline/lesson-lines.ts";

const lengths = {
  subject: "user",
  role: "actor",
  rows: 1200,
  validRows: 60,
  subjects: 900,
  meanTokens: 811.6,
  p95Tokens: 1024,
  mostTokens: 2050,
  rowsOverLimit: 1,
} as const;

describe("a line about fine-tuning data", () => {
  test("says rows, sides, lengths and how many are over the limit", () => {
    expect(lessonLine({ ...lengths, isEstimated: false }, 2048)).toBe(
      "fine-tuning data of the actor about users: 1,200 rows (60 for validation), 812 tokens on average, 95 % at most 1,024, " +
        "the longest 2,050; 1 over 2,048",
    );
  });

  test("says where tokens are estimated", () => {
    const line = lessonLine({ ...lengths, isEstimated: true }, 2048);
    expect(line).toContain("about 812 tokens on average");
  });
});
