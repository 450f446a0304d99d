import { describe, expect, test } from "vitest";
import type { Comparison, SplitCounts } from "../../src/report/run-results.ts";
import { cutOffs, headlineSentence, verdictOf, writersSentence } from "../../src/report/wording.ts";

const comparison = (low: number, high: number): Comparison => ({
  backbone: "dcn",
  variant: "r4ec",
  seeds: 3,
  aucLift: (low + high) / 2,
  aucLiftInterval: [low, high],
  aucRelative: 0,
  loglossRelative: 0,
  resamples: 1000,
});
const higher = comparison(0.001, 0.003);
const lower = comparison(-0.003, -0.001);
const unclear = comparison(-0.001, 0.002);

describe("verdictOf", () => {
  test("needs the whole interval on one side of zero", () => {
    expect([higher, lower, unclear, comparison(0, 0.1)].map(verdictOf)).toEqual([
      "higher",
      "lower",
      "unclear",
      "unclear",
    ]);
  });
});

describe("headlineSentence", () => {
  test.each([
    [[higher], "R4ec ranks better than Base."],
    [[higher, higher], "R4ec ranks better than Base on both backbones."],
    [[lower, lower], "R4ec ranks worse than Base on both backbones."],
    [[unclear], "No measurable difference between R4ec and Base."],
    [
      [higher, lower, unclear],
      "R4ec against Base on 3 backbones: better on 1, worse on 1, no measurable difference on 1.",
    ],
    [
      [lower, unclear],
      "R4ec against Base on 2 backbones: worse on 1, no measurable difference on 1.",
    ],
  ])("claims no more than the intervals (%#)", (comparisons, sentence) => {
    expect(headlineSentence("r4ec", comparisons)).toBe(sentence);
  });
});

describe("cutOffs", () => {
  const split = (name: string, firstAt: string, lastAt: string): SplitCounts => ({
    split: name,
    rows: 1,
    users: 1,
    items: 1,
    positiveRate: 0.5,
    firstAt: `${firstAt}T00:00:00.000Z`,
    lastAt: `${lastAt}T00:00:00.000Z`,
  });

  test("are the first moments of valid and test when time divides the splits", () => {
    const splits = [
      split("train", "2000-01-01", "2000-02-01"),
      split("valid", "2000-02-02", "2000-03-01"),
      split("test", "2000-03-02", "2000-04-01"),
    ];
    expect(cutOffs(splits)).toEqual([
      { split: "valid", at: "2000-02-02T00:00:00.000Z" },
      { split: "test", at: "2000-03-02T00:00:00.000Z" },
    ]);
  });

  test("do not exist when each user is split apart", () => {
    expect(
      cutOffs([
        split("train", "2000-01-01", "2000-03-01"),
        split("test", "2000-01-15", "2000-04-01"),
      ]),
    ).toEqual([]);
  });
});

describe("writersSentence", () => {
  const writer = {
    variant: "r4ec",
    subject: "user",
    role: "actor",
    promptVersion: "1",
    answers: 1,
  } as const;

  test("names a chat model with its provider, and the profiler as what it is", () => {
    expect(writersSentence([{ ...writer, provider: "openai", model: "qwen2.5-7b" }])).toBe(
      "written by qwen2.5-7b through openai",
    );
    expect(writersSentence([{ ...writer, provider: "profiler", model: "rules" }])).toBe(
      "written by the built-in profiler (statistics written out as sentences, not an LLM)",
    );
  });
});
