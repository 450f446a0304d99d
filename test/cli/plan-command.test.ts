import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PipelinePlan } from "../../src/pipeline/plan/plan-pipeline.ts";
import { startChatServer } from "../util/chat-server.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;
let file: string;
/** A run up to its contexts: 40 users and 60 items, ten of them a part. */
let runDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-plan-test-"));
  file = await writeTinyPipeline(folder);
  runDir = join(folder, "run");
  cli = await buildCli();
  await cli.run(["run", file, "--out", runDir, "--to", "contexts"]);
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

const models = [
  "knowledge.actor={provider: openai, model: small}",
  "knowledge.reflector={provider: openai, model: small}",
];
const priced = "knowledge.prices={small: {prompt: 1, completion: 2}}";

async function plan(sets: readonly string[], out = runDir): Promise<string> {
  const args = sets.flatMap((set) => ["--set", set]);
  const { code, stdout, stderr } = await cli.run(["plan", file, "--out", out, ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

async function planned(sets: readonly string[], out = runDir): Promise<PipelinePlan> {
  const args = sets.flatMap((set) => ["--set", set]);
  const { stdout } = await cli.run(["plan", file, "--out", out, "--json", ...args]);
  return JSON.parse(stdout) as PipelinePlan;
}

/** Every file under a folder with its time of change. */
async function state(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true });
  return Promise.all(
    entries.sort().map(async (entry) => `${entry} ${(await stat(join(dir, entry))).mtimeMs}`),
  );
}

describe("r4ec plan", { timeout: 300_000 }, () => {
  test("says which stages would run as jobs, and how many at a time", async () => {
    const array = [
      "runtime.executor={array: {tasksPerJob: 3, atOnce: 2, stages: [knowledge, train]}}",
    ];
    expect(await plan([...models, ...array])).toContain(
      "Jobs of runtime.executor.array:\n" +
        "knowledge  4 jobs                     2 at a time\n" +
        "train      as many as its tasks take  2 at a time\n" +
        "the limits of models, and knowledge.budget, hold for all jobs together\n",
    );
    expect((await planned(models)).jobs).toBeNull();
  });

  test("needs no run: everything would run, and contexts come before an estimate", async () => {
    const nowhere = join(folder, "nowhere");
    const text = await plan(models, nowhere);
    expect(text).toMatch(/^tiny \(leakfree\) {2}/);
    expect(text).toMatch(/^ingest +would run +0\/1 tasks$/m);
    expect(text).toMatch(/^knowledge +would run$/m);
    expect(text).toContain(
      `run r4ec run ${file} --out ${nowhere} --set '${models[0] ?? ""}' --set`,
    );
    expect(text).toContain("--to contexts, then plan again");
    await expect(stat(nowhere)).rejects.toThrow(/ENOENT/);
  });

  test("shows what is done, what would run, and what is asked at what cost", async () => {
    const text = await plan([...models, priced]);
    expect(text).toMatch(/^ingest +done +1\/1 tasks +interactions 1,200, items 60, .*users 40$/m);
    expect(text).toMatch(/^knowledge +would run +0\/10 tasks$/m);
    expect(text).toMatch(/^encode +would run$/m);
    expect(text).toContain("about 40 users and 60 items:");
    expect(text).toMatch(/^users +actor +openai small +40 to 80 .*\$\d/m);
    expect(text).toMatch(/^items +reflector +openai small +60 /m);
    expect(text).toMatch(/^total +200 to 300 .*\$\d/m);
    expect(text).toMatch(/answers are assumed to have 200 words/);
    expect(text).toMatch(/tokens are estimated at 4 characters each/);
  });

  test("counts the models that a search would train", async () => {
    const search = "train.search={trials: 5, dropout: {min: 0, max: 0.5}, connector: [mlp, hea]}";
    const few = "train.search={trials: 3, connector: [mlp, moe, hea]}";
    expect((await planned([search])).training).toEqual({
      ...{ models: 10, backbones: 1, variants: 2, trials: 5, seeds: 1 },
    });
    expect(await plan([search])).toContain(
      "10 models to train in all: 1 backbone x 2 variants x 5 trials x 1 seed\n",
    );
    expect(await plan([few])).toContain(
      "4 models to train in all: 1 backbone x 2 variants x up to 3",
    );
    expect(await plan([])).not.toContain("models to train");
  });

  test("says which models have no price", async () => {
    const text = await plan(models);
    expect(text).toMatch(/^users +actor .* no price$/m);
    expect(text).toMatch(/^total .* unknown$/m);
    expect(text).toContain("no price for small: set knowledge.prices");
  });

  test("the profiler asks no model", async () => {
    expect(await plan([])).toContain("no language model is asked");
    const { knowledge } = await planned([]);
    expect(knowledge).toMatchObject({ total: { calls: { least: 0, most: 0 } } });
  });

  test("covers all strategies, and counts what r2ec and r4ec both ask once", async () => {
    const variants = "train.variants=[base, r4ec, r2ec, kar]";
    const { knowledge } = await planned([...models, variants]);
    expect(knowledge).toMatchObject({
      sides: [
        { variant: "r4ec", subject: "user", subjects: 40, roles: [{ role: "actor" }, {}] },
        { variant: "r4ec", subject: "item", subjects: 60 },
        {
          ...{ variant: "r2ec", subject: "user", subjects: 40 },
          roles: [{ calls: { least: 0, most: 0 }, shared: { least: 40, most: 40 } }],
        },
        { variant: "r2ec", subject: "item", subjects: 60, roles: [{ shared: { least: 60 } }] },
        { variant: "kar", subject: "user", roles: [{ role: "actor", calls: { least: 40 } }] },
        { variant: "kar", subject: "item", roles: [{ role: "actor", calls: { least: 60 } }] },
      ],
      total: { calls: { least: 300, most: 400 } },
    });
    const text = await plan([...models, variants]);
    expect(text).toContain("about 40 users and 60 items:");
    expect(text).toMatch(/^r4ec users +actor /m);
    expect(text).toMatch(/^kar items +actor +openai small +60 /m);
    expect(text).toMatch(/^r2ec users +actor +openai small +0 +40 /m);
    expect(text).toContain("shared: prompts that a variant above asks as well");
    const alone = await planned([...models, "train.variants=[r2ec]"]);
    expect(alone.knowledge).toMatchObject({ total: { calls: { least: 100, most: 100 } } });
  });

  test("refuses kar with the profiler at once", async () => {
    const { code, stderr } = await cli.run(["plan", file, "--set", "train.variants=[base, kar]"]);
    expect(code).toBe(2);
    expect(stderr).toContain("kar asks for one chain of thought, and the built-in profiler is no");
  });

  test("asks about active users alone where there are tiers", async () => {
    const { knowledge, stages } = await planned([...models, "knowledge.tiers={activeShare: 0.25}"]);
    expect(knowledge).toMatchObject({
      sides: [
        { subject: "user", subjects: 10, sampled: 10 },
        { subject: "item", subjects: 60, sampled: 60 },
      ],
    });
    expect(stages.find(({ stage }) => stage === "tiers")).toMatchObject({ tasks: 1, tasksDone: 0 });
  });

  test("a setting that reaches a stage makes it and what follows run again", async () => {
    const { stages, knowledge } = await planned([...models, "contexts.seed=2"]);
    const states = Object.fromEntries(stages.map(({ stage, state }) => [stage, state]));
    expect(states).toMatchObject({ samples: "done", contexts: "missing", knowledge: "missing" });
    expect(knowledge).toBe("unknown");
  });

  test("leaves the run as it is", async () => {
    const before = await state(runDir);
    await plan(models);
    expect(await state(runDir)).toEqual(before);
  });

  test.each([
    ["least", "<judgement>reasonable</judgement><reflection></reflection>"],
    ["most", "<judgement>unreasonable</judgement><reflection>Too vague.</reflection>"],
  ] as const)("the run then makes the %s of the calls that were planned", async (of, judgement) => {
    const server = await startChatServer({
      answer: ({ messages }) =>
        /judgement/u.test(messages.at(-1)?.content ?? "") ? judgement : "Likes quiet drama.",
    });
    const out = join(folder, `asked-${of}`);
    const sets = models.map((set) => set.replace("}", `, baseUrl: "${server.url}"}`));
    const args = [file, "--out", out, ...sets.flatMap((set) => ["--set", set])];
    await cli.run(["run", ...args, "--to", "contexts"]);
    const { knowledge } = await planned(sets, out);
    expect(await cli.run(["run", ...args, "--to", "knowledge"])).toMatchObject({ code: 0 });
    await server.close();
    expect(knowledge).toMatchObject({ total: { calls: { [of]: server.calls.length } } });
    expect(await plan(sets, out)).toContain("Knowledge is complete");
  });

  test("takes off the knowledge there is", async () => {
    await cli.run(["run", file, "--out", runDir, "--to", "knowledge"]);
    expect(await plan([])).toContain("Knowledge is complete");
    // Another reflector for the items alone: the users' four parts stay.
    const { stages, knowledge } = await planned(
      models.slice(0, 1).map((set) => set.replace("knowledge.actor", "knowledge.items.actor")),
    );
    const stage = stages.find((each) => each.stage === "knowledge");
    expect(stage).toMatchObject({ state: "partial", tasksDone: 4, tasks: 10 });
    expect(knowledge).toMatchObject({
      sides: [
        { subject: "user", subjects: 0, roles: [] },
        { subject: "item", subjects: 60, roles: [{ role: "actor", calls: { least: 60 } }] },
      ],
    });
  });

  test("the teacher is asked as often as planned: twice an inference when right, three times when wrong", async () => {
    const verdictsOf = async (
      judgement: string,
    ): Promise<readonly [planned: PipelinePlan, asked: number]> => {
      const server = await startChatServer({
        answer: ({ messages }) => {
          const last = messages.at(-1)?.content ?? "";
          if (/<judgement>/u.test(last)) {
            return `<judgement>${judgement}</judgement><reflection>hasty</reflection>`;
          }
          return "<knowledge>Likes quiet drama.</knowledge><verdict>like</verdict>";
        },
        keepCalls: false,
      });
      const teacher = `construct={ share: 1, teacher: { provider: openai, model: small, baseUrl: "${server.url}" } }`;
      const out = join(folder, `teacher-${judgement}`);
      await cli.run(["run", file, "--out", out, "--to", "contexts"]);
      const before = await planned([teacher, priced], out);
      const { code } = await cli.run([
        "run",
        file,
        "--out",
        out,
        "--to",
        "construct",
        "--set",
        teacher,
      ]);
      expect(code).toBe(0);
      const asked = server.counts.get("answered") ?? 0;
      const after = await planned([teacher, priced], out);
      expect(after.construct).toMatchObject({ total: { calls: { least: 0, most: 0 } } });
      await server.close();
      return [before, asked];
    };
    // Always "like" and reasonable: reason and reflect for every inference, whatever its label.
    const [least, askedLeast] = await verdictsOf("reasonable");
    expect(least.construct).toMatchObject({ total: { calls: { least: askedLeast } } });
    expect(askedLeast).toBeGreaterThan(0);
    // Always "like" and unreasonable: those that were disliked are refined as well, the bound is all of them.
    const [most, askedMost] = await verdictsOf("unreasonable");
    expect(most.construct).toMatchObject({
      total: { calls: { least: askedLeast, most: askedLeast * 1.5 } },
    });
    expect(askedMost).toBeGreaterThan(askedLeast);
    expect(askedMost).toBeLessThan(askedLeast * 1.5);
  });
});
