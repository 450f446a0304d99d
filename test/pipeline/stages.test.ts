import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { noWish } from "../../src/base/retry-policy.ts";
import { catalogOf } from "../../src/flow/stage-manifest.ts";
import { inputsOf } from "../../src/flow/stage.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import type { FileRef, TaskSpec } from "../../src/flow/task.ts";
import { parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import { stageNames } from "../../src/pipeline/pipeline-stage.ts";
import { stagesOf } from "../../src/pipeline/stages.ts";
import { stageOfTable, tableSchemas, tablesByStage } from "../../src/tables/schemas/index.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const stagesWith = (...overrides: string[]) =>
  stagesOf(parsePipeline("", "p.yaml", ["train.seeds=[1]", "train.backbones=[dcn]", ...overrides]));

/** Plans a whole run as if every task wrote one part a table, whose content its key stands for. */
async function tasksWith(...overrides: string[]): Promise<readonly TaskSpec[]> {
  const done: { readonly stage: string; readonly files: readonly FileRef[] }[] = [];
  const planned: TaskSpec[] = [];
  for (const { def } of await stagesWith(...overrides)) {
    const tasks = taskSpecs(def, inputsOf(def, catalogOf(done)));
    planned.push(...tasks);
    const files = tasks.flatMap((task) =>
      writtenBy(task).map((table) => ({
        ...{ table, path: task.key, rows: 1, bytes: 1 },
        sha256: `${table} ${task.key}`,
      })),
    );
    done.push({ stage: def.name, files });
  }
  return planned;
}

/** Settings of a log that is read in groups of files by all stages there are for it. */
async function twoFiles(): Promise<readonly string[]> {
  const folder = await scratchFolder();
  for (const name of ["a.csv", "b.csv"]) await writeFile(join(folder, name), "user_id\n1\n");
  const dataset = { source: "csv", interactions: folder, columns: { rating: "r" }, kCore: {} };
  return [`dataset=${JSON.stringify(dataset)}`, "runtime.ingestTasks=2"];
}

/** The tables a task writes: one that is about users or items writes those of its subject alone. */
function writtenBy({ params, outputs }: TaskSpec): readonly string[] {
  const { subject = "" } = params as { readonly subject?: string };
  return outputs.filter((table) => table.startsWith(subject));
}

/** A base model that nothing is known of but that it is there. */
async function emptyBase(): Promise<string> {
  const path = join(await scratchFolder(), "base.gguf");
  await writeFile(path, "GGUF");
  return path;
}

const actor = "knowledge.actor={provider: openai, model: m}";

/** A task as "train base" or "knowledge user". */
function nameOf({ stage, params }: TaskSpec): string {
  const { variant, subject } = params as { readonly variant?: string; readonly subject?: string };
  return [stage, subject ?? variant].filter((word) => word !== undefined).join(" ");
}

/** The tasks that have to run when these settings are changed after a complete run. */
function rerunBy(...overrides: string[]): Promise<readonly string[]> {
  return rerunAfter([], overrides);
}

async function rerunAfter(
  before: readonly string[],
  overrides: readonly string[],
): Promise<readonly string[]> {
  const done = new Set((await tasksWith(...before)).map((task) => task.key));
  return (await tasksWith(...overrides)).filter((task) => !done.has(task.key)).map(nameOf);
}

/** Training these models and what follows: slices of each, and one comparison of all. */
const training = (...models: readonly string[]): readonly string[] => [
  ...models.map((variant) => `train ${variant}`),
  ...models.map(() => "slices"),
  "compare",
];
const afterEncode = training("r4ec");
const afterKnowledge = ["encode user", "encode item", "variants", ...afterEncode];
const afterContexts = ["knowledge user", "knowledge item", ...afterKnowledge];
const everything = [
  ...["ingest", "fingerprint", "cuts", "samples", "audit-samples", "contexts", "audit-contexts"],
  ...["knowledge user", "knowledge item", "encode user", "encode item", "variants"],
  ...training("base", "r4ec"),
];

describe("stagesOf", () => {
  test("names the stages of a run in order, each under a name of the command line", async () => {
    const stages = await stagesWith();
    expect(stages.map(({ def }) => def.name)).toEqual([
      ...["ingest", "fingerprint", "cuts", "samples", "audit-samples", "contexts"],
      ...["audit-contexts", "knowledge", "encode", "variants", "train", "slices", "compare"],
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

  test("each stage writes tables that the schemas list under its name on the command line, none of them missing", async () => {
    const stages = await stagesWith(
      ...["train.variants=[base, r4ec, base+stats]", "knowledge.tiers={activeShare: 0.5}"],
      "construct={teacher: {provider: openai, model: m}}",
      `finetune={base: ${await emptyBase()}}`,
      "knowledge.actor={provider: gguf, model: m.gguf, adapter: finetuned}",
    );
    const inGroups = await stagesWith(...(await twoFiles()));
    const written = new Set<string>();
    for (const { group, def } of [...stages, ...inGroups]) {
      // Several stages write requests and audits; the first that audits gives the table its place.
      const tables = def.outputs.filter((name) => name !== "requests" && !written.has(name));
      for (const table of tables) {
        expect([table, stageOfTable(table)]).toEqual([table, group]);
        written.add(table);
      }
    }
    const listed = Object.values(tablesByStage).flatMap((tables) => tables.map(({ name }) => name));
    expect(listed.filter((table) => !written.has(table))).toEqual(["requests"]);
  });

  test("names task modules that exist and export the task", async () => {
    for (const { def } of [...(await stagesWith()), ...(await stagesWith(...(await twoFiles())))]) {
      const { href } = new URL(`../../src/${def.module}.ts`, import.meta.url);
      const module = (await import(href)) as Record<string, unknown>;
      expect(typeof module[def.export], `${def.module} ${def.export}`).toBe("function");
    }
  });

  test("tells by finished stages how a log was read that is not looked at", async () => {
    const settings = parsePipeline("", "p.yaml", await twoFiles());
    const reading = async (...made: readonly string[]): Promise<readonly string[]> => {
      const stages = await stagesOf(settings, () => Promise.resolve(null), noWish, made);
      return stages.filter(({ group }) => group === "ingest").map(({ def }) => def.name);
    };
    expect(await reading()).toEqual(["ingest", "fingerprint"]);
    const made = ["ingest-columns", "ingest-read", "ingest-ids", "ingest-buckets", "ingest-items"];
    expect(await reading("samples", ...made)).toEqual([...made, "fingerprint"]);
    expect(await reading("ingest-columns", "ingest-read")).toEqual(["ingest", "fingerprint"]);
  });

  test("reads a large log of several files in groups, unless one task has read it already", async () => {
    const folder = await scratchFolder();
    for (const name of ["a.csv", "b.csv"]) {
      await writeFile(join(folder, name), "");
      await truncate(join(folder, name), 510_000_000);
    }
    const dataset = { source: "csv", interactions: folder, columns: { rating: "r" } };
    const first = async (made: readonly string[], ...overrides: readonly string[]) => {
      const all = [`dataset=${JSON.stringify(dataset)}`, ...overrides];
      const settings = parsePipeline("", "p.yaml", all);
      return (await stagesOf(settings, (_, find) => find(), noWish, made))[0]?.def.name;
    };
    expect(await first([])).toBe("ingest-columns");
    expect(await first(["ingest"])).toBe("ingest");
    expect(await first(["ingest"], "runtime.ingestTasks=2")).toBe("ingest-columns");
    expect(await first([], "runtime.ingestTasks=1")).toBe("ingest");
  });

  test("leaves knowledge and encoding out when no variant uses them", async () => {
    const names = (await stagesWith("train.variants=[base]")).map(({ def }) => def.name);
    expect(names).not.toContain("knowledge");
    expect(names).not.toContain("encode");
    expect(names).toContain("contexts");
  });
});

describe("fine-tuning", () => {
  const finetuned = "{provider: gguf, model: m.gguf, adapter: finetuned}";
  const construct = "construct={teacher: {provider: openai, model: m}}";
  const keysOf = (tasks: readonly TaskSpec[], stage: string): readonly string[] =>
    tasks.filter((task) => task.stage === stage).map(({ key }) => key);

  /** The keys of the stage knowledge, users first, with these roles and adapters. */
  async function knowledgeKeys(
    roles: readonly string[],
    finetune: string,
    ...more: readonly string[]
  ): Promise<readonly string[]> {
    const base = await emptyBase();
    const given = [construct, `finetune={base: ${base}${finetune}}`, ...roles, ...more];
    return keysOf(await tasksWithAdapters(...given), "knowledge");
  }

  /** As {@link tasksWith}, where each adapter is a part of its own. */
  async function tasksWithAdapters(...overrides: string[]): Promise<readonly TaskSpec[]> {
    const done: { readonly stage: string; readonly files: readonly FileRef[] }[] = [];
    const planned: TaskSpec[] = [];
    for (const { def } of await stagesWith(...overrides)) {
      const tasks = taskSpecs(def, inputsOf(def, catalogOf(done)));
      planned.push(...tasks);
      const files = tasks.flatMap((task) =>
        (def.name === "finetune" ? task.outputs : writtenBy(task)).map((table) => ({
          ...{ table, path: task.key, rows: 1, bytes: 1 },
          sha256: `${table} ${task.key}`,
        })),
      );
      done.push({ stage: def.name, files });
    }
    return planned;
  }

  test("comes after the teacher and before knowledge, which reads its adapters only where a role has one", async () => {
    const base = await emptyBase();
    const stages = await stagesWith(construct, `finetune={base: ${base}}`);
    const names = stages.map(({ def }) => def.name);
    expect(names.slice(names.indexOf("construct"))).toEqual(
      expect.arrayContaining(["construct", "finetune", "knowledge"]),
    );
    expect(names.indexOf("finetune")).toBe(names.indexOf("construct") + 1);
    const knowledge = stages.find(({ def }) => def.name === "knowledge");
    expect(knowledge?.def.inputs).not.toContain("adapters");
    const tuned = await stagesWith(
      construct,
      `finetune={base: ${base}}`,
      `knowledge.actor=${finetuned}`,
    );
    expect(tuned.find(({ def }) => def.name === "knowledge")?.def.inputs).toContain("adapters");
  });

  test("changes no key of knowledge by roles without an adapter", async () => {
    const before = keysOf(await tasksWith(), "knowledge");
    expect(await knowledgeKeys([], "")).toEqual(before);
  });

  test("each subject's texts depend on the adapters of its own roles alone", async () => {
    const actors = [`knowledge.actor=${finetuned}`];
    const both = await knowledgeKeys(actors, "");
    expect(await knowledgeKeys(actors, "")).toEqual(both);
    // Trained with another seed, every adapter is another one.
    const others = await knowledgeKeys(actors, ", seed: 2");
    expect(others.filter((key) => both.includes(key))).toEqual([]);
    const itemsOnly = [`knowledge.items={actor: ${finetuned}}`];
    const [users, items] = await knowledgeKeys(itemsOnly, "");
    const [usersAgain, itemsAgain] = await knowledgeKeys(itemsOnly, ", seed: 2");
    expect(usersAgain).toBe(users);
    expect(itemsAgain).not.toBe(items);
    const tasks = await tasksWithAdapters(
      ...[construct, `finetune={base: ${await emptyBase()}}`],
      `knowledge.users={reflector: ${finetuned}}`,
    );
    const [ofUsers] = tasks.filter(({ stage }) => stage === "knowledge");
    const trained = keysOf(tasks, "finetune");
    expect(ofUsers?.inputs["adapters"]?.map(({ path }) => path)).toEqual([trained[1]]);
  });
});

describe("a training elsewhere", () => {
  const served = "{provider: openai, model: finetuned}";
  const before = ["construct={teacher: {provider: openai, model: m}}", `knowledge.actor=${served}`];
  const named = (adapters: string): string =>
    `finetune={base: org/base, elsewhere: trl, adapters: ${adapters}}`;

  test("another name at the server reaches the texts of its subject alone, and no teacher", async () => {
    const first = [...before, named("{users: {actor: a}, items: {actor: b}}")];
    const then = [...before, named("{users: {actor: a}, items: {actor: c}}")];
    expect(await rerunAfter(first, first)).toEqual([]);
    expect((await rerunAfter(first, then)).slice(0, 3)).toEqual([
      ...["finetune item", "knowledge item", "encode item"],
    ]);
  });

  test("has no stage that asks for the base model where a server plays", async () => {
    const stages = await stagesWith(...before, named("{users: {actor: a}, items: {actor: b}}"));
    const names = stages.map(({ def }) => def.name);
    expect(names).toContain("finetune");
    expect(names).not.toContain("finetune-eval");
  });
});

describe("what a changed setting reaches", () => {
  test("nothing, when nothing is changed", async () => {
    expect(await rerunBy()).toEqual([]);
  });

  test.each([
    [["name=other"], []],
    [["runtime.threads=1", "runtime.memoryLimit=512MB"], []],
    [["runtime.buckets=7", "runtime.spillDir=elsewhere"], []],
    [["report={paper: fig7}"], []],
    [["expect={users: 1200}"], ["audit-samples"]],
    [["samples.gap=1d"], everything.slice(2)],
    [["samples.testFrom=2014-01-01"], everything.slice(2)],
    [["compare.resamples=7"], ["compare"]],
    [["train.epochs=5"], training("base", "r4ec")],
    [["train.batchSize=64"], training("base", "r4ec")],
    [["encode.batchTokens=64"], afterKnowledge],
    [["encode.overlong=first"], afterKnowledge],
    [["encode.sessions=1", "encode.threads=1", "encode.cache=elsewhere"], []],
    [["knowledge.rounds=2"], afterContexts],
    [["knowledge.nouns.item=book"], afterContexts],
    [["knowledge.nouns.event=seen", "knowledge.scale=10"], []],
    [["contexts.seed=2"], ["contexts", "audit-contexts", ...afterContexts]],
    [["contexts.history=7"], everything.slice(3)],
    [["samples.history=7"], everything.slice(3)],
    [["protocol=paper"], everything.slice(2)],
    [["dataset.viewers=100"], everything],
    [["dataset.positiveAbove=4"], everything],
  ])("%j: %j", async (overrides, reached) => {
    expect(await rerunBy(...overrides)).toEqual(reached);
  });

  test("another seed or backbone trains its own models and no other again", async () => {
    expect(await rerunBy("train.seeds=[1,2]")).toEqual(training("base", "r4ec"));
    expect(await rerunBy("train.backbones=[dcn,autoint]")).toEqual(training("base", "r4ec"));
    const models = (await tasksWith("train.seeds=[1,2]")).filter(({ stage }) => stage === "train");
    expect(models).toHaveLength(4);
  });

  test("a further value of the grid trains its own models and no other again", async () => {
    const grid = (...lists: string[]) => lists.map((list) => `train.grid.${list}`);
    const done = new Set(
      (await tasksWith(...grid("batchSize=[64,128]", "dropout=[0,0.1]"))).map(({ key }) => key),
    );
    for (const lists of [
      grid("batchSize=[64,128,256]", "dropout=[0,0.1]"),
      grid("batchSize=[64,128]", "dropout=[0,0.1,0.2]"),
      [...grid("batchSize=[64,128]", "dropout=[0,0.1,0.2]"), "train.dropout=0.3"],
    ]) {
      const models = (await tasksWith(...lists)).filter(({ stage }) => stage === "train");
      expect(models).toHaveLength(12);
      expect(models.filter(({ key }) => !done.has(key))).toHaveLength(4);
    }
  });

  test("a larger budget of a search trains its own models and no other again", async () => {
    const search = (trials: number, ...more: string[]): readonly string[] => [
      `train.search={ trials: ${trials}, dropout: { min: 0, max: 0.5 }, connector: [mlp, hea] }`,
      ...more,
    ];
    const done = new Set((await tasksWith(...search(3))).map(({ key }) => key));
    for (const overrides of [search(5), search(5, "train.dropout=0.3", "train.connector=moe")]) {
      const models = (await tasksWith(...overrides)).filter(({ stage }) => stage === "train");
      expect(models).toHaveLength(10);
      expect(models.filter(({ key }) => !done.has(key))).toHaveLength(4);
    }
  });

  test("a search over what Base has no use for trains Base as without a search", async () => {
    const search = "train.search={ trials: 3, connector: [mlp, moe, hea] }";
    const plain = new Set((await tasksWith()).map(({ key }) => key));
    const models = (await tasksWith(search)).filter(({ stage }) => stage === "train");
    expect(models).toHaveLength(4);
    expect(models.filter(({ key }) => plain.has(key))).toHaveLength(1);
  });

  test("one variant less trains nothing", async () => {
    expect(await rerunBy("train.variants=[base]")).toEqual(["variants", "compare"]);
  });
});

describe("what another variant adds", () => {
  const withVariants = (...variants: readonly string[]): readonly string[] => [
    actor,
    `train.variants=[${variants.join(", ")}]`,
  ];
  const first = withVariants("base", "r4ec");

  test.each([
    [
      ["r2ec"],
      ["knowledge-r2ec user", "knowledge-r2ec item", "encode-r2ec user", "encode-r2ec item"],
      ["r2ec"],
    ],
    [
      ["kar"],
      ["knowledge-kar user", "knowledge-kar item", "encode-kar user", "encode-kar item"],
      ["kar"],
    ],
    [["permuted", "random"], [], ["permuted", "random"]],
    [["base+id"], [], ["base+id"]],
    [["base+stats"], ["stats", "audit-stats"], ["base+stats"]],
    [["{ name: noise, random: base+stats }"], ["stats", "audit-stats"], ["noise"]],
    [
      ["{ name: noise, random: kar }"],
      ["knowledge-kar user", "knowledge-kar item", "encode-kar user", "encode-kar item"],
      ["noise"],
    ],
  ])("%j: its own stages and models, and trains no other again", async (added, stages, models) => {
    const isStats = (stage: string): boolean => stage.endsWith("stats");
    expect(await rerunAfter(first, withVariants("base", "r4ec", ...added))).toEqual([
      ...stages.filter((stage) => !isStats(stage)),
      "variants",
      ...stages.filter(isStats),
      ...training(...models),
    ]);
  });

  test("vectors from files: again when they hold something else, not when they lie elsewhere", async () => {
    const folder = await scratchFolder();
    const path = join(folder, "a.parquet");
    const moved = join(folder, "b", "a.parquet");
    await mkdir(join(folder, "b"));
    await writeFile(path, "one");
    await writeFile(moved, "one");
    const llm = (where: string): readonly string[] =>
      withVariants("base", "r4ec", `{ name: llm, items: ${where} }`);
    const own = ["import-llm item", "variants", ...training("llm")];
    expect(await rerunAfter(first, llm(path))).toEqual(own);
    expect(await rerunAfter(llm(path), llm(moved))).toEqual([]);
    const before = new Set((await tasksWith(...llm(path))).map(({ key }) => key));
    await writeFile(path, "two");
    const after = await tasksWith(...llm(path));
    expect(after.filter(({ key }) => !before.has(key)).map(nameOf)).toEqual(own);
  });

  test("a model reads the vectors of its own variant and nothing of another", async () => {
    const tasks = await tasksWith(
      ...withVariants("base", "r4ec", "r2ec", "kar", "base+stats", "{ name: x, permuted: kar }"),
      "knowledge.tiers={activeShare: 0.5}",
    );
    const readBy = Object.fromEntries(
      tasks
        .filter(({ stage }) => stage === "train")
        .map((task) => [
          nameOf(task).slice("train ".length),
          Object.values(task.inputs).flatMap((parts) => parts.map(({ stage }) => stage)),
        ]),
    );
    const of = (ending: string): readonly string[] => [
      ...["samples", "ingest"],
      ...[`encode${ending}`, `approximate${ending}`, `encode${ending}`],
    ];
    expect(readBy).toEqual({
      base: ["samples", "ingest"],
      r4ec: of(""),
      r2ec: of("-r2ec"),
      kar: of("-kar"),
      "base+stats": ["samples", "ingest", "stats", "stats"],
      x: of("-kar"),
    });
  });

  test("only what is asked for runs: without r4ec no plain knowledge, unless a control deals it", async () => {
    const stagesFor = async (...variants: readonly string[]): Promise<readonly string[]> =>
      (await stagesWith(...withVariants(...variants)))
        .filter(({ group }) => group === "knowledge" || group === "encode")
        .map(({ def }) => def.name);
    expect(await stagesFor("base", "kar", "permuted")).toEqual([
      ...["knowledge-kar", "encode-kar", "variants"],
    ]);
    expect(await stagesFor("base", "random")).toEqual(["knowledge", "encode", "variants"]);
    expect(await stagesFor("base", "base+stats", "base+id", "base+history")).toEqual(["variants"]);
  });

  test("base+history: the samples hold its history, and the others say that they see the usual one", async () => {
    const long = await tasksWith(...withVariants("base", "base+history"));
    const configOf = (tasks: readonly TaskSpec[], stage: string): unknown =>
      tasks.find((task) => task.stage === stage)?.config;
    expect(configOf(long, "samples")).toMatchObject({ samples: { history: 50 } });
    expect(configOf(long, "train")).toMatchObject({ train: { history: 10 } });
    const models = long.filter(({ stage }) => stage === "train").map(({ params }) => params);
    expect(models[0]).not.toHaveProperty("history");
    expect(models[1]).toMatchObject({ variant: "base+history", history: 50 });
    const few = await tasksWith(
      ...withVariants("base", "base+history"),
      ...["train.longHistory=4", "train.history=30"],
    );
    expect(configOf(few, "samples")).toMatchObject({ samples: { history: 10 } });
    expect(configOf(few, "train")).toMatchObject({ train: { history: 10 } });
    expect(configOf(await tasksWith(), "train")).toMatchObject({ train: { history: "all" } });
  });
});
