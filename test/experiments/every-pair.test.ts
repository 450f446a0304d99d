import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../src/base/random.ts";
import { compare } from "../../src/experiments/compare-task.ts";
import type { Row } from "../../src/tables/database.ts";
import { openRunFolder, sample, taskSpec, toRef, type RunFolder } from "../train/run-folder.ts";

const users = 12;
const rowsEach = 8;
const seeds = [1, 2];
const resamples = 60;
const signals = { base: 0, kar: 0.06, r4ec: 0.1 } as const;
type Variant = keyof typeof signals;

/** Users 0 to 11 with eight test rows each; places 1 to 4 are of item 1, which training has, 5 to 8 of item 2, which it has not. */
const labels = ((): readonly number[] => {
  const { uniform } = createRandom(3, "labels");
  return Array.from({ length: users * rowsEach }, () => (uniform() < 0.5 ? 1 : 0));
})();

function probabilitiesOf(variant: Variant, seed: number): readonly number[] {
  const { uniform } = createRandom(seed, variant);
  return labels.map((label) =>
    Math.fround(0.1 + 0.6 * uniform() + signals[variant] * (label - 0.2)),
  );
}

/** Share of (positive, negative) pairs in the right order, counted one by one. */
function aucOf(rows: readonly number[], probabilities: readonly number[]): number {
  let [right, pairs] = [0, 0];
  for (const one of rows.filter((row) => labels[row] === 1)) {
    for (const other of rows.filter((row) => labels[row] === 0)) {
      const difference = (probabilities[one] ?? NaN) - (probabilities[other] ?? NaN);
      right += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
      pairs++;
    }
  }
  return right / pairs;
}

function logLossOf(rows: readonly number[], probabilities: readonly number[]): number {
  const losses = rows.map((row) => {
    const probability = probabilities[row] ?? NaN;
    return -Math.log(labels[row] === 1 ? probability : 1 - probability);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Both tails of the standard normal density beyond `deviate`, by the trapezoidal rule. */
function tails(deviate: number): number {
  const density = (x: number): number => Math.exp((x * x) / -2) / Math.sqrt(2 * Math.PI);
  const step = Math.abs(deviate) / 20_000;
  const inner = Array.from({ length: 20_000 }, (_none, place) => {
    return (step * (density(step * place) + density(step * (place + 1)))) / 2;
  });
  return 1 - 2 * inner.reduce((sum, area) => sum + area, 0);
}

type Metric = typeof aucOf;

/** The difference of two variants on some rows, each resample with its rows really repeated. */
function recompute(variant: Variant, baseline: Variant, rows: readonly number[], metric: Metric) {
  const difference = (drawn: readonly number[]): number =>
    mean(seeds.map((seed) => metric(drawn, probabilitiesOf(variant, seed)))) -
    mean(seeds.map((seed) => metric(drawn, probabilitiesOf(baseline, seed))));
  const { uniform } = createRandom(1, "users");
  const drawn = Array.from({ length: resamples }, () => {
    const who = Array.from({ length: users }, () => Math.floor(uniform() * users));
    return difference(
      who.flatMap((user) => rows.filter((row) => Math.floor(row / rowsEach) === user)),
    );
  });
  const sorted = drawn.toSorted((a, b) => a - b);
  const at = (place: number): number => {
    const below = sorted[Math.floor(place)] ?? NaN;
    return below + ((sorted[Math.ceil(place)] ?? NaN) - below) * (place % 1);
  };
  const centre = mean(drawn);
  const se = Math.sqrt(
    drawn.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (resamples - 1),
  );
  const point = difference(rows);
  return {
    ...{ point, p: tails(point / se) },
    ...{ low: at(0.025 * (resamples - 1)), high: at(0.975 * (resamples - 1)) },
  };
}

const allRows = labels.map((_label, row) => row);
const seenItem = allRows.filter((row) => row % rowsEach < 4);
const newItem = allRows.filter((row) => row % rowsEach >= 4);
const pairs: readonly (readonly [Variant, Variant])[] = [
  ["kar", "base"],
  ["r4ec", "base"],
  ["r4ec", "kar"],
];

/** Holm's values of three p-values, written out. */
function holmOfThree(values: readonly number[]): readonly number[] {
  const [first = NaN, second = NaN, third = NaN] = values.toSorted((a, b) => a - b);
  const one = 3 * first;
  const two = Math.max(one, 2 * second);
  const three = Math.max(two, third);
  return values.map((value) => (value === first ? one : value === second ? two : three));
}

describe("compare, recomputed row by row", () => {
  let run: RunFolder;
  let tables: Readonly<Record<"comparisons" | "slice_comparisons", readonly Row[]>>;
  beforeAll(async () => {
    run = await openRunFolder();
    const models = (Object.keys(signals) as Variant[]).flatMap((variant) =>
      seeds.map((seed) => ({ variant, seed, probabilities: probabilitiesOf(variant, seed) })),
    );
    const key = { backbone: "dcn", trial: 0 };
    const counts = { best_epoch: 1, epochs: 1, parameters: 1, train_rows: 1, valid_rows: 1 };
    const inputs = {
      samples: [await run.writeTable("samples", [sample({ user_id: 99, item_id: 1 })])],
      results: [
        await run.writeTable(
          "results",
          models.map(({ variant, seed, probabilities }) => ({
            ...{ ...key, ...counts, variant, seed, settings: "{}", engine: "onnx" },
            role: variant === "base" ? "base" : "knowledge",
            auc: aucOf(allRows, probabilities),
            logloss: logLossOf(allRows, probabilities),
            ...{ valid_auc: 0.5, valid_logloss: 1, selected_on: "valid" },
            test_rows: labels.length,
          })),
        ),
      ],
      predictions: [
        await run.writeTable(
          "predictions",
          models.flatMap(({ variant, seed, probabilities }) =>
            probabilities.map((probability, row) => ({
              ...{ ...key, variant, seed, probability, label: labels[row] },
              user_id: Math.floor(row / rowsEach),
              rn: (row % rowsEach) + 1,
              item_id: row % rowsEach < 4 ? 1 : 2,
            })),
          ),
        ),
      ],
    };
    const config = { resamples, seed: 1, stopOn: "auc", variants: ["base", "kar", "r4ec"] };
    const files = await compare(taskSpec("compare", config, {}, inputs), run.context);
    await run.mount(Object.fromEntries(files.map((file) => [file.table, [toRef(run, file)]])));
    const rowsOf = (table: string) =>
      run.db.rows(`select * from ${table} order by variant, baseline`);
    tables = {
      comparisons: await rowsOf("comparisons"),
      slice_comparisons: await rowsOf("slice_comparisons"),
    };
  });
  afterAll(() => run.close());

  const close = (value: number | undefined): unknown => expect.closeTo(value ?? NaN, 7);

  test.each([
    ["auc", "auc_lift", aucOf],
    ["logloss", "logloss_change", logLossOf],
  ] as const)(
    "difference, interval and p-value of every pair in %s",
    (metric, difference, scoreOf) => {
      const expected = pairs.map(([variant, baseline]) =>
        recompute(variant, baseline, allRows, scoreOf),
      );
      const corrected = holmOfThree(expected.map(({ p }) => p));
      expect(tables.comparisons).toEqual(
        pairs.map(([variant, baseline], place): unknown =>
          expect.objectContaining({
            ...{ variant, baseline, resamples },
            [difference]: close(expected[place]?.point),
            [`${difference}_low`]: close(expected[place]?.low),
            [`${difference}_high`]: close(expected[place]?.high),
            [`${metric}_p`]: close(expected[place]?.p),
            [`${metric}_p_holm`]: close(corrected[place]),
          }),
        ),
      );
    },
  );

  test("the same on each slice's buckets that have rows, ranked within the bucket", () => {
    for (const [slice, bucket, rows] of [
      ["items", "head", seenItem],
      ["items", "cold", newItem],
      ["users", "new", allRows],
    ] as const) {
      const own = tables.slice_comparisons.filter(
        (row) => row["slice"] === slice && row["bucket"] === bucket,
      );
      expect(own).toEqual(
        pairs.map(([variant, baseline]) => {
          const { point, low, high, p } = recompute(variant, baseline, rows, aucOf);
          return expect.objectContaining({
            ...{ variant, baseline, seeds: 2, rows: rows.length },
            auc_lift: close(point),
            auc_lift_low: close(low),
            auc_lift_high: close(high),
            auc_p: close(p),
          }) as unknown;
        }),
      );
    }
    expect(tables.slice_comparisons).toHaveLength(9);
  });

  test("corrects all pairs and buckets of a slice together", () => {
    const users = tables.slice_comparisons.filter((row) => row["slice"] === "users");
    const whole = tables.comparisons.map((row) => row["auc_p_holm"]);
    expect(users.map((row) => row["auc_p_holm"])).toEqual(whole.map((p) => close(Number(p)))); // three pairs, one bucket
    const items = tables.slice_comparisons.filter((row) => row["slice"] === "items");
    const smallest = items.toSorted((a, b) => Number(a["auc_p"]) - Number(b["auc_p"]))[0];
    expect(smallest?.["auc_p_holm"]).toBeCloseTo(6 * Number(smallest?.["auc_p"]), 12); // three pairs, two buckets
  });
});
