import { describe, expect, test } from "vitest";
import type { Comparison } from "../../../src/report/run-results.ts";
import {
  correctionSentence,
  coverageSentence,
  headlineSentence,
  intervalSentence,
  knowledgeSentence,
  controlsSentence,
  selectionMark,
  selectionSentence,
  verdictOf,
  writersSentence,
} from "../../../src/report/wording/sentences.ts";

const comparison = (low: number, high: number, baseline = "base"): Comparison => ({
  ...{ backbone: "dcn", variant: "R4ec", role: "knowledge", baseline },
  baselineRole: baseline === "base" ? "base" : "control",
  seeds: 3,
  aucLift: (low + high) / 2,
  aucLiftInterval: [low, high],
  aucRelative: 0,
  loglossChange: 0,
  loglossChangeInterval: [0, 0],
  loglossRelative: 0,
  resamples: 1000,
  ...{ aucP: null, aucPHolm: null, loglossP: null, loglossPHolm: null },
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

  test("claims nothing that the correction for other pairs takes back", () => {
    expect(verdictOf({ ...higher, aucPHolm: 0.05 })).toBe("unclear");
    expect(verdictOf({ ...higher, aucPHolm: 0.049 })).toBe("higher");
    expect(verdictOf({ ...lower, aucPHolm: 0.002 })).toBe("lower");
    expect(verdictOf({ ...unclear, aucPHolm: 0.002 })).toBe("unclear");
  });

  test("claims nothing without an interval", () => {
    expect(verdictOf({ ...higher, aucLiftInterval: null })).toBe("unclear");
  });
});

describe("headlineSentence", () => {
  test.each([
    [[higher], "R4ec ranks better than Base."],
    [[higher, higher], "R4ec ranks better than Base on both backbones."],
    [[lower, lower], "R4ec ranks worse than Base on both backbones."],
    [[unclear], "No measurable difference between R4ec and Base."],
    [[unclear, unclear], "No measurable difference between R4ec and Base on either backbone."],
    [
      [higher, lower, unclear],
      "R4ec against Base on 3 backbones: better on 1, worse on 1, no measurable difference on 1.",
    ],
    [
      [lower, unclear],
      "R4ec against Base on 2 backbones: worse on 1, no measurable difference on 1.",
    ],
  ])("claims no more than the intervals (%#)", (comparisons, sentence) => {
    expect(headlineSentence("R4ec", comparisons)).toBe(sentence);
  });
});

describe("controlsSentence", () => {
  const over = (baseline: string, ...verdicts: readonly Comparison[]): readonly Comparison[] =>
    verdicts.map((one) => ({ ...one, baseline, baselineRole: "control" }));

  test.each([
    [over("Permuted", higher), "R4ec against the controls: better than Permuted."],
    [over("Permuted", lower, lower), "R4ec against the controls: worse than Permuted."],
    [
      [...over("Permuted", higher, higher), ...over("Base + statistics", unclear, unclear)],
      "R4ec against the controls: better than Permuted; no measurable difference from Base + statistics.",
    ],
    [
      ["Permuted", "Random", "Base + statistics"].flatMap((control) => over(control, higher)),
      "R4ec against the controls: better than Permuted, Random and Base + statistics.",
    ],
    [
      over("Base + statistics", unclear, lower),
      "R4ec against the controls: not better than Base + statistics.",
    ],
    [
      over("Base + statistics", higher, lower),
      "R4ec against the controls: better than Base + statistics on only 1 of 2 backbones.",
    ],
  ])("claims no more than the intervals on every backbone (%#)", (comparisons, sentence) => {
    expect(controlsSentence("R4ec", comparisons)).toBe(sentence);
  });
});

describe("knowledgeSentence", () => {
  test("says the same of other knowledge, each under its name", () => {
    const pairs = (["KAR", "R2ec"] as const).map((baseline, place) => ({
      ...(place === 0 ? higher : unclear),
      ...{ baseline, baselineRole: "knowledge" as const },
    }));
    expect(knowledgeSentence("R4ec", pairs)).toBe(
      "R4ec against other knowledge: better than KAR; no measurable difference from R2ec.",
    );
  });
});

describe("correctionSentence", () => {
  const tested = { ...higher, aucPHolm: 0.03 };

  test("names the number of pairs that are corrected together", () => {
    const other = { ...tested, backbone: "autoint" };
    const pairs = [...Array.from({ length: 10 }, () => tested), other, other, other];
    expect(correctionSentence(pairs)).toBe(
      "two-sided, from the same resamples, corrected by Holm’s method for all pairs of variants on a backbone (3 or 10); " +
        "a variant is called better or worse only where p is below 0.05 and the interval, which is not corrected, excludes 0",
    );
  });

  test("is silent where nothing is corrected", () => {
    expect(correctionSentence([tested, { ...tested, backbone: "autoint" }])).toBeNull();
    expect(correctionSentence([higher, higher])).toBeNull(); // of an earlier version, without p-values
    expect(correctionSentence([])).toBeNull();
  });
});

describe("selectionSentence and selectionMark", () => {
  const trial = {
    ...{ backbone: "dcn", variant: "base", settings: {}, seeds: 1, split: "valid" },
    ...{ metric: "auc", value: 0.7, isSelected: true },
  };

  test("say which split chose epochs and trials", () => {
    const valid = { selectedOn: ["valid"], trials: [] };
    expect(selectionSentence(valid)).toBe("selected on valid; the test split was scored once");
    expect(selectionMark(valid)).toBeNull();
    const trials = [0, 1, 6].flatMap((number) => [
      { ...trial, trial: number },
      { ...trial, variant: "R4ec", trial: number },
    ]);
    expect(selectionSentence({ selectedOn: ["test"], trials })).toBe(
      "selected on test, which flatters every score; the trial (one of 3 per backbone and variant) was selected in the same way, by its mean over seeds",
    );
    const fewer = trials.filter(({ variant, trial: number }) => variant === "R4ec" || number < 6);
    expect(selectionSentence({ selectedOn: ["valid"], trials: fewer })).toContain(
      "; the trial (one of up to 3 per backbone and variant) was selected",
    );
    expect(selectionMark({ selectedOn: ["test"] })).toBe("selected on test");
  });
});

describe("intervalSentence", () => {
  test("is silent without an interval", () => {
    expect(intervalSentence([{ ...higher, aucLiftInterval: null, resamples: 0 }])).toBeNull();
    expect(intervalSentence([higher])).toBe("95 %, paired bootstrap over users, 1,000 resamples");
  });
});

describe("coverageSentence", () => {
  const summary = (variant: string, role: "control" | "knowledge", user: number) => ({
    ...{ backbone: "dcn", variant, role, trial: 0, seeds: 1, gauc: null, ece: null },
    ...{ auc: { mean: 0.7, sd: null }, logloss: { mean: 0.6, sd: null } },
    coverage: { user, item: null },
  });

  test("speaks of knowledge alone, of each variant where they differ", () => {
    const control = summary("Base + statistics", "control", 0.1);
    expect(coverageSentence({ summaries: [control] })).toBeNull();
    const r4ec = summary("R4ec", "knowledge", 0.5);
    expect(coverageSentence({ summaries: [control, r4ec, summary("KAR", "knowledge", 0.5)] })).toBe(
      "50.0 % of the test rows have a user vector",
    );
    expect(coverageSentence({ summaries: [r4ec, summary("KAR", "knowledge", 1)] })).toBe(
      "R4ec: 50.0 % of the test rows have a user vector; KAR: 100.0 % of the test rows have a user vector",
    );
  });
});

describe("writersSentence", () => {
  const writer = {
    variant: "R4ec",
    subject: "user",
    role: "actor",
    promptVersion: "1",
    answers: 1,
  } as const;

  test("names a chat model with its provider, and the profiler as what it is", () => {
    expect(writersSentence([{ ...writer, provider: "openai", model: "qwen2.5-7b" }])).toBe(
      "written by qwen2.5-7b via openai",
    );
    expect(writersSentence([{ ...writer, provider: "profiler", model: "rules" }])).toBe(
      "written by the built-in profiler (statistics written out as sentences, not an LLM)",
    );
  });
});
