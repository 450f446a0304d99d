import { describe, expect, test } from "vitest";
import { catalogOf } from "../../src/flow/stage-manifest.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import type { FileRef, TaskSpec } from "../../src/flow/task.ts";
import { parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import { stageNames, stagesOf } from "../../src/pipeline/stages.ts";
import { tableSchemas } from "../../src/tables/schemas.ts";

const stagesWith = (...overrides: string[]) =>
  stagesOf(parsePipeline("", "p.yaml", ["train.seeds=[1]", "train.backbones=[dcn]", ...overrides]));

/** Plans a whole run as if every task wrote one part a table, whose content its key stands for. */
async function tasksWith(...overrides: string[]): Promise<readonly TaskSpec[]> {
  const files: FileRef[] = [];
  const planned: TaskSpec[] = [];
  for (const { def } of await stagesWith(...overrides)) {
    const catalog = catalogOf([{ files }]);
    const inputs = Object.fromEntries(def.inputs.map((table) => [table, catalog[table] ?? []]));
    for (const task of taskSpecs(def, inputs)) {
      planned.push(task);
      for (const table of writtenBy(task)) {
        files.push({ table, path: task.key, rows: 1, bytes: 1, sha256: `${table} ${task.key}` });
      }
    }
  }
  return planned;
}

/** The tables a task writes: one that is about users or items writes those of its subject alone. */
function writtenBy({ params, outputs }: TaskSpec): readonly string[] {
  const { subject = "" } = params as { readonly subject?: string };
  return outputs.filter((table) => table.startsWith(subject));
}

/** A task as "train base" or "knowledge user". */
function nameOf({ stage, params }: TaskSpec): string {
  const { variant, subject } = params as { readonly variant?: string; readonly subject?: string };
  return [stage, variant ?? subject].filter((word) => word !== undefined).join(" ");
}

/** The tasks that have to run when these settings are changed after a complete run. */
async function rerunBy(...overrides: string[]): Promise<readonly string[]> {
  const done = new Set((await tasksWith()).map((task) => task.key));
  return (await tasksWith(...overrides)).filter((task) => !done.has(task.key)).map(nameOf);
}

const afterTrain = ["compare"];
const afterEncode = ["train r4ec", ...afterTrain];
const afterKnowledge = ["encode user", "encode item", ...afterEncode];
const afterContexts = ["knowledge user", "knowledge item", ...afterKnowledge];
const everything = [
  ...["ingest", "samples", "audit-samples", "contexts", "audit-contexts"],
  ...["knowledge user", "knowledge item", "encode user", "encode item"],
  ...["train base", "train r4ec", "compare"],
];

describe("stagesOf", () => {
  test("names the stages of a run in order, each under a name of the command line", async () => {
    const stages = await stagesWith();
    expect(stages.map(({ def }) => def.name)).toEqual([
      ...["ingest", "samples", "audit-samples", "contexts", "audit-contexts"],
      ...["knowledge", "encode", "train", "compare"],
    ]);
    const ranks = stages.map(({ group }) => stageNames.indexOf(group));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  });

  test("gives every stage its inputs from stages before it, all tables with a schema", async () => {
    const made = new Set<string>();
    for (const { def } of await stagesWith()) {
      for (const table of def.inputs) expect(made, `${def.name} reads ${table}`).toContain(table);
      for (const table of def.outputs) expect([...tableSchemas.keys()]).toContain(table);
      def.outputs.forEach((table) => made.add(table));
    }
  });

  test("names task modules that exist and export the task", async () => {
    for (const { def } of await stagesWith()) {
      const { href } = new URL(`../../src/${def.module}.ts`, import.meta.url);
      const module = (await import(href)) as Record<string, unknown>;
      expect(typeof module[def.export], `${def.module} ${def.export}`).toBe("function");
    }
  });

  test("leaves knowledge and encoding out when no variant uses them", async () => {
    const groups = (await stagesWith("train.variants=[base]")).map(({ group }) => group);
    expect(groups).not.toContain("knowledge");
    expect(groups).not.toContain("encode");
    expect(groups).toContain("contexts");
  });
});

describe("what a changed setting reaches", () => {
  test("nothing, when nothing is changed", async () => {
    expect(await rerunBy()).toEqual([]);
  });

  test.each([
    [["name=other"], []],
    [["runtime.threads=1", "runtime.memoryLimit=512MB"], []],
    [["compare.resamples=7"], ["compare"]],
    [["train.epochs=5"], ["train base", ...afterEncode]],
    [["train.batchSize=64"], ["train base", ...afterEncode]],
    [["encode.batchTokens=64"], afterKnowledge],
    [["knowledge.rounds=2"], afterContexts],
    [["knowledge.itemNoun=book"], afterContexts],
    [["contexts.seed=2"], ["contexts", "audit-contexts", ...afterContexts]],
    [["contexts.history=7"], everything.slice(1)],
    [["samples.history=7"], everything.slice(1)],
    [["protocol=paper"], everything.slice(1)],
    [["dataset.viewers=100"], everything],
    [["dataset.positiveAbove=4"], everything],
  ])("%j: %j", async (overrides, reached) => {
    expect(await rerunBy(...overrides)).toEqual(reached);
  });

  test("another seed or backbone trains its own models and no other again", async () => {
    expect(await rerunBy("train.seeds=[1,2]")).toEqual(["train base", "train r4ec", "compare"]);
    expect(await rerunBy("train.backbones=[dcn,autoint]")).toEqual([
      "train base",
      "train r4ec",
      "compare",
    ]);
    const models = (await tasksWith("train.seeds=[1,2]")).filter(({ stage }) => stage === "train");
    expect(models).toHaveLength(4);
  });

  test("one variant less trains nothing", async () => {
    expect(await rerunBy("train.variants=[base]")).toEqual(["compare"]);
  });
});
