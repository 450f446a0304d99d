import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectResults } from "../../../src/report/collect/collect-results.ts";
import type { RunResults } from "../../../src/report/run-results.ts";
import { dataSentence, weightSentence } from "../../../src/report/wording/sentences.ts";
import type { Database } from "../../../src/tables/database.ts";
import { sampleExperiment, variants } from "../sample-experiment.ts";
import { addVariants, sampleDatabase, sampleFacts } from "../sample-run.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-report-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("collectResults of a whole run", () => {
  let db: Database;
  let results: RunResults;
  beforeAll(async () => {
    db = await sampleDatabase(folder, "train");
    results = await collectResults(db, sampleFacts);
  });
  afterAll(() => {
    db.close();
  });

  test("counts the data", () => {
    expect(results.dataset).toEqual({
      ...sampleFacts.dataset,
      users: 2,
      items: 3,
      catalogueItems: 4,
      interactions: 5,
      positiveRate: 3 / 5,
      firstAt: "2000-01-01T00:00:00.000Z",
      lastAt: "2000-01-04T00:00:00.000Z",
      leftOut: [
        { step: "bad row", reason: "the time is missing", rows: 2 },
        { step: "duplicate", reason: "repeats the event of another row", rows: 1 },
      ],
    });
  });

  test("says in one sentence what went in and what was left out", () => {
    expect(dataSentence(results)).toBe(
      "5 interactions of 2 users with 3 items, 60.0 % positive; 3 rows left out (bad row 2, duplicate 1)",
    );
  });

  test("counts the prompts without a usable answer, by the kind that an error begins with", async () => {
    const failing = await sampleDatabase(folder, "knowledge");
    for (const [id, error] of [
      [4, "length: the answer was cut off"],
      [5, "unreadable answer: Hm: hard"],
      [6, "length: once more"],
    ] as const) {
      await failing.run(
        `insert into user_knowledge select * replace (${id} as user_id, '${error}' as error) from user_knowledge where user_id = 3`,
      );
    }
    const { errors } = (await collectResults(failing, sampleFacts)).knowledge;
    failing.close();
    const actor = { variant: "r4ec", role: "actor" };
    const user = { ...actor, subject: "user", prompts: 7 };
    expect(errors).toEqual([
      { ...user, kind: "length", rows: 2 },
      { ...user, kind: "other", rows: 1 },
      { ...user, kind: "unreadable", rows: 1 },
      { ...actor, subject: "item", prompts: 4, kind: "other", rows: 1 },
    ]);
  });

  test("counts what the teacher and the encoder could not answer, beside their other work", async () => {
    const failing = await sampleDatabase(folder, "encode");
    const noError = "cast(null as varchar)";
    await failing.run(`create table construction as select * from (values
      ('user', 1, 0, ${noError}, ${noError}), ('user', 1, 1, 'rejected', 'reason: the server answered 400'),
      ('user', 2, 0, 'still_wrong', null), ('item', 3, 0, 'unreadable', 'reflect: unreadable answer: Hm')
    ) as v(subject, subject_id, sample, drop_reason, error)`);
    await failing.run(`insert into requests by name select * from (values
      ('r4ec', 'user', 1, 'encoder', 'ok', null), ('r4ec', 'user', 2, 'encoder', 'filtered', 'not this'),
      ('r4ec', 'user', 3, 'encoder', 'failed', 'no answer'), ('r4ec', 'item', 1, 'encoder', 'ok', null)
    ) as v(variant, subject, subject_id, role, status, error)`);
    const { errors } = (await collectResults(failing, sampleFacts)).knowledge;
    failing.close();
    const teacher = { variant: null, role: "teacher", rows: 1 };
    expect(errors.slice(0, 2)).toEqual([
      { ...teacher, subject: "user", kind: "rejected", prompts: 3 },
      { ...teacher, subject: "item", kind: "unreadable", prompts: 1 },
    ]);
    const encoder = { variant: "r4ec", subject: "user", role: "encoder", rows: 1, prompts: 3 };
    expect(errors.slice(-2)).toEqual([
      { ...encoder, kind: "failed" },
      { ...encoder, kind: "filtered" },
    ]);
  });

  test("counts the splits in the order train, valid, test", () => {
    expect(
      results.splits.map(({ split, rows, positiveRate }) => [split, rows, positiveRate]),
    ).toEqual([
      ["train", 2, 0.5],
      ["valid", 1, 1],
      ["test", 1, 0],
    ]);
    expect(results.roles[0]).toEqual({ role: "context", rows: 1 });
    expect(results.splits[0]).not.toHaveProperty("weight");
    expect(weightSentence(results)).toBeNull();
  });

  test("sums up the weights of training rows, where rows have weights", async () => {
    const weighted = await sampleDatabase(folder, "samples");
    await weighted.run("alter table samples add column weight float");
    await weighted.run(
      "update samples set weight = case split when 'train' then rn * 0.75 else 0 end",
    );
    const { splits } = await collectResults(weighted, sampleFacts);
    weighted.close();
    expect(splits.map(({ split, weight }) => [split, weight])).toEqual([
      ["train", 2 * 0.75 + 1 * 0.75],
      ["valid", 0],
      ["test", 0],
    ]);
    expect(weightSentence({ splits })).toBe(
      "training rows are weighted, 1.13 on average; scores are not",
    );
  });

  test("gives mean and sample standard deviation over seeds, Base first", () => {
    expect(results.summaries.map(({ variant, seeds }) => [variant, seeds])).toEqual([
      ["base", 2],
      ["r4ec", 2],
    ]);
    const [base, r4ec] = results.summaries;
    expect(base?.auc.mean).toBeCloseTo(0.71, 12);
    expect(base?.auc.sd).toBeCloseTo(0.01 * Math.SQRT2, 12); // two values 0.02 apart
    expect(base?.coverage).toBeNull();
    expect(r4ec?.logloss.mean).toBeCloseTo(0.55, 12);
    expect(r4ec?.coverage).toEqual({ user: 0.5, item: 1 });
  });

  test("keeps lift, interval and resamples of each comparison", () => {
    expect(results.comparisons).toEqual([
      {
        ...{ backbone: "autoint", variant: "r4ec", role: "knowledge" },
        ...{ baseline: "base", baselineRole: "base", seeds: 2 },
        ...{ aucLift: 0.03, aucLiftInterval: [0.01, 0.05], aucRelative: 0.03 / 0.71 },
        ...{ loglossChange: -0.02, loglossChangeInterval: [-0.03, -0.01] },
        ...{ loglossRelative: -0.02 / 0.57, resamples: 1000 },
        ...{ aucP: null, aucPHolm: null, loglossP: null, loglossPHolm: null }, // as in runs of earlier versions
      },
    ]);
  });

  test("leaves out comparisons without AUC, and intervals without resamples", async () => {
    const other = await sampleDatabase(folder, "train");
    await other.run("update comparisons set auc_lift_low = null, auc_lift_high = null");
    const [bare] = (await collectResults(other, sampleFacts)).comparisons;
    expect(bare).toMatchObject({ aucLift: 0.03, aucLiftInterval: null });
    await other.run("update comparisons set auc_lift = null");
    expect((await collectResults(other, sampleFacts)).comparisons).toEqual([]);
    other.close();
  });

  test("gives GAUC and ECE their means, and no trials without a grid", () => {
    const [base] = results.summaries;
    expect(base?.gauc?.mean).toBeCloseTo(0.61, 12);
    expect(base?.ece?.mean).toBeCloseTo(0.02, 12);
    expect(results.trials).toEqual([]);
  });

  test("gives each bucket that has rows its means and its lift over Base", () => {
    const close = (value: number) => expect.closeTo(value, 12) as number;
    const head = {
      backbone: "autoint",
      slice: "items",
      bucket: "head",
      rows: 1200,
      positives: 600,
      ...{ aucLiftInterval: null, aucP: null, aucPHolm: null },
    };
    const tail = { ...head, bucket: "tail", rows: 1, positives: 1, auc: null, aucLift: null };
    expect(results.slices).toEqual([
      { ...tail, variant: "base", role: "base", logloss: close(0.57) },
      { ...tail, variant: "r4ec", role: "knowledge", logloss: close(0.55) },
      {
        ...head,
        variant: "base",
        role: "base",
        auc: close(0.71),
        logloss: close(0.57),
        aucLift: 0,
      },
      {
        ...{ ...head, variant: "r4ec", role: "knowledge" },
        ...{ auc: close(0.74), logloss: close(0.55), aucLift: close(0.03) },
      },
    ]);
  });

  test("lists seeds in order and what chose the epochs", () => {
    expect(results.seeds).toEqual([1, 2]);
    expect(results.selectedOn).toEqual(["valid"]);
  });

  test("counts knowledge by round: texts, judgements, kept texts, errors", () => {
    expect(results.knowledge.rounds.slice(0, 2)).toEqual([
      {
        variant: "r4ec",
        subject: "user",
        round: 0,
        texts: 2,
        reasonable: 1,
        unreasonable: 1,
        finalTexts: 1,
        exhausted: 0,
        unreadable: 0,
        errors: 1,
        meanWords: 3, // 4 and 2
        reasonableShare: 0.5,
        calls: 2,
        promptTokens: 300,
        completionTokens: 25,
        cachedTokens: 10,
        costUsd: 0.75,
      },
      {
        variant: "r4ec",
        subject: "user",
        round: 1,
        texts: 1,
        reasonable: 1,
        unreasonable: 0,
        finalTexts: 1,
        exhausted: 0,
        unreadable: 0,
        errors: 0,
        meanWords: 3.5, // 5, and 2 of a first text that still stands
        reasonableShare: 1,
        calls: 1,
        promptTokens: null,
        completionTokens: null,
        cachedTokens: null,
        costUsd: null,
      },
    ]);
    expect(results.knowledge.vectors[0]).toEqual({
      variant: "r4ec",
      subject: "user",
      encoder: "bundled",
      origin: "text",
      vectors: 2,
      dimensions: 2,
      meanTokens: 15,
      maxTokens: 20,
    });
    expect(results.knowledge.vectors[1]).toMatchObject({
      ...{ subject: "user", origin: "liked items", vectors: 1, meanTokens: null },
    });
  });

  test("carries the audits", () => {
    expect(results.audits).toEqual([
      {
        audit: "history_before_row",
        about: "No history event lies at or after its row.",
        rowsChecked: 4,
        violations: 0,
      },
    ]);
  });

  test("waits for no stage", () => {
    expect(results.pendingStages).toEqual([]);
  });

  test("keeps everything that differs between equal runs under times", async () => {
    await db.run(
      "create or replace table results as select * replace (seconds * 2 as seconds) from results",
    );
    const later = await collectResults(db, {
      ...sampleFacts,
      stages: [],
    });
    expect({ ...later, times: null }).toEqual({ ...results, times: null });
    expect(later.times).not.toEqual(results.times);
  });

  test("survives JSON unchanged", () => {
    expect(JSON.parse(JSON.stringify(results))).toEqual(results);
  });
});

describe("collectResults of a run with several variants", () => {
  test("counts rounds, calls, writers and vectors of each apart, r4ec first", async () => {
    const db = await sampleDatabase(folder, "encode");
    await addVariants(db);
    const { knowledge } = await collectResults(db, sampleFacts);
    db.close();
    const { rounds, writers, vectors } = knowledge;
    expect(
      rounds.map((row) => [row.variant, row.subject, row.round, row.texts, row.calls]),
    ).toEqual([
      ["r4ec", "user", 0, 2, 2],
      ["r4ec", "user", 1, 1, 1],
      ["r4ec", "item", 0, 2, 0],
      ["r4ec", "item", 1, 1, 0],
      ["r2ec", "user", 0, 1, 1],
    ]);
    expect(rounds.at(-1)).toMatchObject({ finalTexts: 1, unreasonable: 0, costUsd: 0.5 });
    expect(writers.filter(({ variant }) => variant === "r2ec")).toMatchObject([
      { subject: "user", role: "actor", answers: 1 },
    ]);
    expect(vectors.slice(-2)).toMatchObject([
      { variant: "r2ec", subject: "user", origin: "text", vectors: 1 },
      { variant: "llm", subject: "item", origin: "file", dimensions: 3, meanTokens: null },
    ]);
  });
});

describe("collectResults of an experiment", () => {
  let results: RunResults;
  beforeAll(async () => {
    const db = await sampleExperiment(folder);
    results = await collectResults(db, sampleFacts);
    db.close();
  });

  test("sums up the trials that count: Base, controls, knowledge on each backbone", () => {
    expect(
      results.summaries.map(({ backbone, variant, role, trial }) => [
        ...[backbone, variant, role, trial],
      ]),
    ).toEqual(
      ["autoint", "dcn"].flatMap((backbone) =>
        variants.map(({ name, role }) => [backbone, name, role, 0]),
      ),
    );
    expect(results.summaries[1]?.auc.mean).toBeCloseTo(0.731, 12);
  });

  test("keeps every model, and says which count", () => {
    expect(results.models).toHaveLength(40);
    expect(results.models.filter(({ isSelected }) => isSelected).map(({ trial }) => trial)).toEqual(
      Array.from({ length: 20 }, () => 0),
    );
  });

  test("lists every trial with what it sets and the figure that chose", () => {
    expect(results.trials).toHaveLength(20);
    expect(results.trials.slice(0, 2)).toEqual(
      [0, 1].map((trial) => ({
        ...{ backbone: "autoint", variant: "base", trial, seeds: 2, split: "valid", metric: "auc" },
        settings: { learningRate: trial === 0 ? 0.001 : 0.003, connector: "mlp" },
        value: expect.closeTo(0.711 - 0.05 * trial, 12) as number,
        isSelected: trial === 0,
      })),
    );
  });

  test("compares with Base first, then with controls", () => {
    const ofDcn = results.comparisons.filter(({ backbone }) => backbone === "dcn");
    expect(
      ofDcn.map(({ variant, baseline, baselineRole }) => [variant, baseline, baselineRole]),
    ).toEqual([
      ["base+stats", "base", "base"],
      ["permuted", "base", "base"],
      ["kar", "base", "base"],
      ["kar", "base+stats", "control"],
      ["kar", "permuted", "control"],
      ["r4ec", "base", "base"],
      ["r4ec", "base+stats", "control"],
      ["r4ec", "permuted", "control"],
    ]);
  });

  test("counts no trial of a grid before one is chosen", async () => {
    const db = await sampleExperiment(folder);
    for (const table of ["selections", "comparisons", "slices"])
      await db.run(`drop table ${table}`);
    const unchosen = await collectResults(db, sampleFacts);
    db.close();
    expect(unchosen.models).toHaveLength(40);
    expect(unchosen.summaries).toEqual([]);
  });
});

describe("collectResults of an unfinished run", () => {
  test.each([
    ["ingest", ["samples", "contexts", "knowledge", "encode", "train"]],
    ["samples", ["contexts", "knowledge", "encode", "train"]],
    ["knowledge", ["encode", "train"]],
  ] as const)("stopped after %s, names the stages to come", async (to, pending) => {
    const db = await sampleDatabase(folder, to);
    const results = await collectResults(db, sampleFacts);
    db.close();
    expect(results.pendingStages).toEqual(pending);
    expect(results.models).toEqual([]);
    expect(results.dataset.interactions).toBe(5);
  });
});
