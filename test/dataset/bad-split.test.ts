import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { FlowError } from "../../src/base/errors.ts";
import type { Json } from "../../src/base/json.ts";
import { runTask } from "../../src/flow/run-task.ts";
import { catalogOf } from "../../src/flow/stage-manifest.ts";
import {
  datasetTask,
  filesUnder,
  makeFolder,
  splitByTasks,
  taskSite,
} from "../util/hand-made-task.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();
let runDir: string;
beforeEach(() => (runDir = join(memory.dir, "run")));

/** User and ratings a second apart, of items 1, 2, …; `second` is that of the first. */
interface Viewer {
  readonly user: number;
  readonly ratings: readonly number[];
  readonly second?: number;
  readonly step?: number;
}

const stars = (count: number, ...pattern: readonly number[]): readonly number[] =>
  Array.from({ length: count }, (_, k) => pattern[k % pattern.length] ?? 5);

/** Ingests these viewers and runs the stage `samples`. */
async function split(
  viewers: readonly Viewer[],
  config: Readonly<Record<string, Json>> & { readonly protocol: string },
) {
  const lines = viewers.flatMap(({ user, ratings, second = 1, step = 1 }) =>
    ratings.map((rating, k) => `${user}::${k + 1}::${rating}::${second + k * step}\n`),
  );
  const path = await makeFolder(join(memory.dir, "source"), {
    "ratings.dat": lines.join(""),
    "movies.dat": Array.from({ length: 60 }, (_, k) => `${k + 1}::Film::Drama\n`).join(""),
  });
  const ingest = datasetTask("ingest", { dataset: { source: "movielens", path } });
  const inputs = catalogOf([await runTask(ingest, taskSite(runDir))]);
  const defaults = { samples: {}, contextRows: 10, shortUsers: "error" };
  return splitByTasks(runDir, { ...defaults, ...config }, inputs);
}

/** The message of a split that must be refused, leaving nothing but what ingest wrote. */
async function refusal(...args: Parameters<typeof split>): Promise<string> {
  const error: unknown = await split(...args).then(
    () => "the task succeeded",
    (thrown: unknown) => thrown,
  );
  for (const table of ["interactions", "items", "users"]) {
    expect(await filesUnder(join(runDir, "tables", table))).toHaveLength(1);
  }
  expect(await filesUnder(join(runDir, "tables", "timeline"))).toEqual([]);
  expect(await filesUnder(join(runDir, "tables", "samples"))).toEqual([]);
  expect(await filesUnder(join(runDir, "manifests", "samples"))).toEqual([]);
  if (!(error instanceof FlowError)) throw new Error(`expected a FlowError, got ${String(error)}`);
  expect(error.code).toBe("INPUT_INVALID");
  return error.message;
}

describe("users with fewer rows than the protocol needs", () => {
  test.each([
    { protocol: "leakfree", needed: 11 },
    { protocol: "paper", needed: 11 },
    { protocol: "reference", needed: 12 }, // it drops the row after the context
  ])("$protocol needs $needed", async ({ protocol, needed }) => {
    const viewers = [
      { user: 4, ratings: stars(30, 5, 1) },
      { user: 5, ratings: stars(needed, 5, 1) },
      { user: 6, ratings: stars(needed - 1, 5, 1) },
      { user: 7, ratings: stars(2, 5, 1) },
    ];
    expect(await refusal(viewers, { protocol })).toBe(
      `2 user(s) have fewer than the ${needed} events protocol ${protocol} needs (10 for the context), ` +
        `first user 6 with ${needed - 1}. ` +
        "Leave them out with --set dataset.shortUsers=drop, or shorten the context with --set contexts.history=N.",
    );
  });

  test("shortUsers: drop leaves them out", async () => {
    const viewers = [
      { user: 4, ratings: stars(30, 5, 1) },
      { user: 6, ratings: stars(5, 5, 1) },
    ];
    const { files } = await split(viewers, { protocol: "reference", shortUsers: "drop" });
    // Rows 11 to floor(24) train, 25 to 29 test: 19 of user 4, none of user 6.
    expect(files.filter((file) => file.table === "samples").map((file) => file.rows)).toEqual([19]);
  });
});

describe("splits without rows", () => {
  const advice =
    "there is too little data, or it spans too little time. " +
    "Use more data or a smaller contexts.history.";

  test("no test rows when the second of the cut is the last", async () => {
    const viewers = [
      { user: 1, ratings: stars(12, 5, 1), step: 0, second: 1 },
      { user: 2, ratings: stars(12, 5, 1), step: 0, second: 1 },
    ];
    expect(await refusal(viewers, { protocol: "paper" })).toBe(
      `protocol paper leaves no test rows: ${advice}`,
    );
  });

  test("no validation rows when both cuts fall on one second", async () => {
    // Of 40 rows 20 lie at second 100, among them the 28th and the 32nd, where the cuts are.
    const viewers = [
      { user: 1, ratings: stars(15, 5, 1), second: 1 },
      { user: 2, ratings: stars(20, 5, 1), second: 100, step: 0 },
      { user: 3, ratings: stars(5, 5, 1), second: 200 },
    ];
    expect(
      await refusal(viewers, { protocol: "leakfree", shortUsers: "drop", contextRows: 2 }),
    ).toBe(`protocol leakfree leaves no valid rows: ${advice}`);
  });

  test("no training rows when no user is long enough for one", async () => {
    const viewers = [{ user: 1, ratings: stars(13, 5, 1) }];
    expect(await refusal(viewers, { protocol: "reference" })).toBe(
      `protocol reference leaves no train rows: ${advice}`,
    );
  });
});

describe("splits of one class", () => {
  test("nothing but likes", async () => {
    // 30 rows of one user: 11 to 24 train, that is 14, and 25 to 29 test, that is 5.
    const viewers = [{ user: 1, ratings: stars(30, 5) }];
    expect(await refusal(viewers, { protocol: "reference" })).toBe(
      "all 14 train rows have label 1, so AUC is undefined; check dataset.positiveAbove",
    );
  });

  test("nothing but dislikes among the test rows", async () => {
    const viewers = [{ user: 1, ratings: [...stars(25, 5, 1), ...stars(5, 1)] }];
    expect(await refusal(viewers, { protocol: "reference" })).toBe(
      "all 5 test rows have label 0, so AUC is undefined; check dataset.positiveAbove",
    );
  });
});
