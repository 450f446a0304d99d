import { describe, expect, test } from "vitest";
import { comparePaper } from "../../../src/report/paper/collect-paper.ts";
import type { Maker } from "../../../src/report/paper/makers.ts";
import { paperBlock } from "../../../src/report/paper/paper-block.ts";
import { paperSection } from "../../../src/report/paper/paper-section.ts";
import type { ModelSummary, Role, RunResults } from "../../../src/report/run-results.ts";

const summary = (
  backbone: string,
  variant: string,
  role: Role,
  [auc, logloss]: readonly [auc: number, logloss: number],
): ModelSummary => ({
  ...{ backbone, variant, role, trial: 0, seeds: 3, gauc: null, ece: null, coverage: null },
  auc: { mean: auc, sd: 0.001 },
  logloss: { mean: logloss, sd: 0.002 },
});

const base = summary("autoint", "base", "base", [0.774, 0.561]);
const baseMaker: Maker = {
  ...{ variant: "base", role: "base", strategy: null, rounds: null, samples: null },
  ...{ actorModel: null, reflectorModel: null, encoder: null, isProfiler: false, isWhole: true },
};
const byModel = (variant: string, more: Partial<Maker> = {}): Maker => ({
  ...baseMaker,
  ...{ variant, role: "knowledge", strategy: "iterate", rounds: 1 },
  ...{ actorModel: "org/m-7B", reflectorModel: "org/m-7B", encoder: "bge-m3" },
  ...more,
});
const byProfiler = (variant: string, more: Partial<Maker> = {}): Maker =>
  byModel(variant, { actorModel: null, reflectorModel: null, isProfiler: true, ...more });

type Compared = Parameters<typeof comparePaper>[1];

const resultsOf = (summaries: readonly ModelSummary[], users = 6040): Compared => ({
  protocol: "reference",
  dataset: {
    ...{ source: "movielens", label: "ratings at data/x", simulated: false },
    ...{ users, items: 3706, catalogueItems: 3883, interactions: 1_000_209 },
    ...{ positiveRate: 0.57, firstAt: null, lastAt: null, leftOut: [] },
  },
  summaries,
  selectedOn: ["test"],
  trials: [],
});

const shown = (paper: NonNullable<RunResults["paper"]>, width = 160): string =>
  paperBlock({ paper, summaries: [base] }, width);

describe("a table of the paper beside a run", () => {
  const good = summary("autoint", "mine", "knowledge", [0.7812, 0.5547]);

  test("puts a language model's knowledge beside the method that it is, whatever its name", () => {
    const paper = comparePaper("table2-ml-1m", resultsOf([base, good]), [
      baseMaker,
      byModel("mine"),
    ]);
    expect(paper.rows.map(({ label, ours }) => [label, ours?.auc.mean ?? null])).toEqual([
      ["Base", 0.774],
      ["KAR, GPT-3.5", null],
      ["R2ec, Qwen2.5-7B", null],
      ["R4ec, Qwen2.5-7B", 0.7812],
    ]);
    const [ofBase, , , ofMine] = paper.rows;
    expect(ofBase?.difference?.auc).toBeCloseTo(0.0004, 10); // 0.7736 in the paper
    expect(ofMine?.difference?.logloss).toBeCloseTo(0.02, 10); // 0.5347
    const text = shown(paper);
    expect(text).toMatch(
      /R4ec, Qwen2.5-7B +0.8008 +0.7812 ± 0.0010 +−0.0196 +0.5347 .*mine, org\/m-7B/,
    );
    expect(text).toContain(
      "Ours: protocol reference (selected on test, which flatters every score)",
    );
    expect(text).toContain("Not run here: KAR, GPT-3.5; R2ec, Qwen2.5-7B.");
  });

  test("calls the built-in profiler's rows profiler, without a number of the paper", () => {
    const paper = comparePaper("table2-ml-1m", resultsOf([base, { ...good, variant: "r4ec" }]), [
      ...[baseMaker, byProfiler("r4ec")],
    ]);
    const last = paper.rows.at(-1);
    expect(last).toMatchObject({
      label: "profiler, iterate, T = 1",
      paper: null,
      difference: null,
    });
    expect(paper.rows.find(({ label }) => label.startsWith("R4ec"))).toMatchObject({ ours: null });
    expect(shown(paper)).toContain("no language model, have no number of the paper beside them");
  });

  test("shows no differences on other data, and says why", () => {
    const paper = comparePaper("table2-ml-1m", resultsOf([base, good], 6039), [byModel("mine")]);
    expect(paper.rows.every(({ difference }) => difference === null)).toBe(true);
    expect(shown(paper)).toContain(
      "These are not the paper's data (MovieLens-1M: 6,040 users, 3,706 items)",
    );
  });

  test("takes no knowledge of items alone, or by several methods, for the paper's", () => {
    const paper = comparePaper("table2-ml-1m", resultsOf([base, good]), [
      byModel("mine", { isWhole: false }),
    ]);
    expect(paper.rows.at(-1)).toMatchObject({
      label: "mine, iterate, T = 1, not the same for users and items",
      paper: null,
    });
  });

  test("tells encoders apart by folder and server names too", () => {
    const variants = ["a", "b", "c"].map((name) =>
      summary("autoint", name, "knowledge", [0.79, 0.54]),
    );
    const encoders = ["openai:BAAI/bge-m3@http://h/v1", "longformer", "bert-base"];
    const makers = encoders.map((encoder, place) => byModel("abc"[place] ?? "", { encoder }));
    const { rows } = comparePaper("table4-ml-1m", resultsOf([base, ...variants]), makers);
    expect(rows.map(({ label, by }) => [label, by?.slice(0, 1)])).toEqual([
      ...[
        ["Base", "b"],
        ["BERT", "c"],
      ],
      ...[
        ["Longformer", "b"],
        ["BGE-M3", "a"],
      ],
    ]);
  });

  test("splits into AUC and LogLoss where the terminal is narrow", () => {
    const paper = comparePaper("table2-ml-1m", resultsOf([base, good]), [byModel("mine")]);
    expect(shown(paper, 160)).toMatch(/AUC: paper.*LogLoss: paper/);
    expect(shown(paper, 90)).not.toMatch(/AUC: paper.*LogLoss: paper/);
    expect(shown(paper, 90)).toMatch(/AUC: paper[^]*LogLoss: paper/);
  });

  test("is not shown before a model is trained, or where none is named", () => {
    const paper = comparePaper("table2-ml-1m", resultsOf([]), []);
    expect(paperBlock({ paper, summaries: [] }, 100)).toBe("");
    expect(paperBlock({ summaries: [base] }, 100)).toBe("");
  });
});

describe("a figure of the paper", () => {
  const rounds = [3, 0, 1].map((round) =>
    summary("autoint", `v${round}`, "knowledge", [0.77 + 0.001 * round, 0.56 - 0.002 * round]),
  );
  const makers = [
    byModel("v0", { strategy: "reason", rounds: null, reflectorModel: null }),
    byModel("v1"),
    byModel("v3", { rounds: 3 }),
  ];

  test("orders rounds, takes one pass for none, and says what changes from first to last", () => {
    const paper = comparePaper("fig7", resultsOf([base, ...rounds]), makers);
    expect(paper.figure?.places).toEqual(["T = 0", "T = 1", "T = 3"]);
    expect(paper.figure?.points.map(({ at, series }) => [at, series])).toEqual(
      ["T = 0", "T = 1", "T = 3"].map((at) => [at, "org/m-7B"]),
    );
    const text = shown(paper);
    expect(text).toContain("from T = 0 to T = 3: AUC +0.39 %, LogLoss −1.07 %, relative."); // 0.773 / 0.77, 0.554 / 0.56
    expect(text).toContain("none stand beside ours");
    expect(text).toContain("The paper: With every further round AUC rises");
  });

  test("orders models by their size, and draws a line for each way of judging", () => {
    const models = ["q2.5-14B-Instruct", "q2.5-0.5B", "q2.5-7B"];
    const summaries = models.flatMap((name) => [
      summary("autoint", `alone-${name}`, "knowledge", [0.77, 0.56]),
      summary("autoint", `judged-${name}`, "knowledge", [0.78, 0.55]),
    ]);
    const actors = models.flatMap((actorModel) => [
      byModel(`alone-${actorModel}`, { strategy: "reason", rounds: null, actorModel }),
      byModel(`judged-${actorModel}`, { actorModel }),
    ]);
    const { figure } = comparePaper("fig5", resultsOf([base, ...summaries]), actors);
    expect(figure?.places).toEqual(["0.5B", "7B", "14B"]);
    expect(new Set(figure?.points.map(({ series }) => series))).toEqual(
      new Set(["without the reflector", "with the reflector"]),
    );
  });

  test("places strategies as one pass, Filter, Iter, and calls the profiler what it is", () => {
    const summaries = ["i", "f", "o"].map((name) => summary("dcn", name, "knowledge", [0.7, 0.6]));
    const { figure } = comparePaper("fig6", resultsOf(summaries), [
      byProfiler("i"),
      byProfiler("f", { strategy: "filter", rounds: null, samples: 1 }),
      byProfiler("o", { strategy: "reason", rounds: null }),
    ]);
    expect(figure?.points.map(({ at, series }) => `${at} by ${series}`)).toEqual([
      "one pass by profiler",
      "Filter, N = 1 by profiler",
      "Iter, T = 1 by profiler",
    ]);
  });

  test("is drawn as AUC and LogLoss per backbone", async () => {
    const paper = comparePaper("fig7", resultsOf([base, ...rounds]), makers);
    const results = { ...resultsOf([base, ...rounds]), paper };
    const page = (await paperSection(results))?.markup ?? "";
    expect(page.match(/<svg/g)).toHaveLength(2);
    expect(page).toContain("AutoInt: LogLoss in nats, by most rounds of refinement");
    expect(page).toContain("Base: 0.7740 ± 0.0010; org/m-7B, T = 0: 0.7700 ± 0.0010");
  });
});
