import { describe, expect, test } from "vitest";
import { taskPerBucket, taskPerPart, type Catalog, type StageDef } from "../../src/flow/stage.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import { numbered, part, stageOf } from "./stage-of.ts";

const inputs: Catalog = { words: [part("words", "one"), part("words", "two")] };
const base = stageOf({ name: "count", config: { min: 1, max: 2 }, inputs: ["words"] });

function keys(stage: StageDef, given: Catalog = inputs): readonly string[] {
  return taskSpecs(stage, given).map((task) => task.key);
}

describe("taskSpecs", () => {
  test("numbers the tasks and hands each its own inputs and parameters", () => {
    const stage = { ...base, plan: (all: Catalog) => taskPerPart("words", all, { deep: true }) };
    expect(taskSpecs(stage, inputs)).toMatchObject([
      {
        stage: "count",
        index: 0,
        params: { deep: true },
        inputs: { words: [inputs["words"]?.[0]] },
      },
      {
        stage: "count",
        index: 1,
        params: { deep: true },
        inputs: { words: [inputs["words"]?.[1]] },
      },
    ]);
    expect(new Set(keys(stage)).size).toBe(2);
  });

  test("gives equal keys to equal work", () => {
    expect(keys(base)).toEqual(keys(stageOf({ ...base, config: { max: 2, min: 1 } })));
    expect(keys(base)[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test("does not care where an input lies, how large it is, how tasks are scheduled or with what runtime settings", () => {
    const moved = { words: [part("words", "one", "elsewhere/1"), part("words", "two", "b/2")] };
    expect(keys(base, moved)).toEqual(keys(base));
    expect(keys({ ...base, threads: "all", maxAttempts: 9 })).toEqual(keys(base));
    expect(keys({ ...base, runtime: { endpoint: "http://elsewhere" } })).toEqual(keys(base));
  });

  test.each<[string, Partial<StageDef>]>([
    ["name", { name: "sum" }],
    ["version", { version: "2" }],
    ["configuration", { config: { min: 1, max: 3 } }],
    ["parameters", { plan: (all) => [{ params: { side: "left" }, inputs: all }] }],
  ])("changes with the %s", (_what, change) => {
    expect(keys({ ...base, ...change })).not.toEqual(keys(base));
  });

  test.each<[string, Catalog]>([
    ["another content", { words: [part("words", "one"), part("words", "three")] }],
    ["another order", { words: [part("words", "two"), part("words", "one")] }],
    ["a part less", { words: [part("words", "one")] }],
    ["another table", { names: [part("names", "one"), part("names", "two")] }],
  ])("changes with inputs of %s", (_what, changed) => {
    expect(keys(base, changed)).not.toEqual(keys(base));
  });

  test("tells tasks apart by their parameters alone", () => {
    expect(new Set(keys(stageOf({ name: "many", plan: numbered(20) }))).size).toBe(20);
  });
});

describe("taskPerBucket", () => {
  const events = [1, 0].map((bucket) => ({ ...part("events", `of ${bucket}`), bucket }));

  test("is one task for each bucket, with its parts and what is cut into none", () => {
    const [words = []] = [inputs["words"]];
    expect(taskPerBucket({ events, words })).toEqual([
      { params: { bucket: 0 }, inputs: { events: [events[1]], words } },
      { params: { bucket: 1 }, inputs: { events: [events[0]], words } },
    ]);
  });

  test("is a single task where nothing is cut", () => {
    expect(taskPerBucket(inputs)).toEqual([{ params: {}, inputs }]);
  });
});
