import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { catalogOf, readStageManifests } from "../../src/flow/stage-manifest.ts";
import { printConstruction, printJudgement } from "../../src/knowledge/chat/print-answer.ts";
import { openDatabase, type Row } from "../../src/tables/database.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";
import { startChatServer } from "../util/chat-server.ts";
import { readQuestion, type ScriptedBody } from "../util/scripted-model.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";

let cli: BuiltCli;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-strategies-"));
  cli = await buildCli();
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

/** What the model answers to each kind of question; the counts below follow from it by hand. */
interface Script {
  readonly first: (body: ScriptedBody) => string;
  readonly judge: (text: string) => "reasonable" | "unreasonable";
  readonly verdicts?: { readonly first: "like" | "dislike"; readonly refined: "like" | "dislike" };
}

const refinedText = "A settled text.";

/** What the last run said, and its folder. */
let told = "";
let runDir = "";

function play({ first, judge, verdicts }: Script): (body: ScriptedBody) => string {
  return (body) => {
    const { task, isConstruction, text } = readQuestion(body);
    if (task === "reflect") {
      const judgement = judge(text);
      return printJudgement(
        judgement === "reasonable"
          ? { judgement, reflection: null }
          : { judgement, reflection: "Too hasty." },
        "tags",
      );
    }
    const answer = task === "refine" ? refinedText : first(body);
    if (!isConstruction || verdicts === undefined) return answer;
    const verdict = task === "refine" ? verdicts.refined : verdicts.first;
    return printConstruction({ text: answer, verdict }, "tags");
  };
}

/** Runs the quickstart with 60 viewers and a scripted model in every role; returns its tables. */
async function runWith(
  script: Script,
  to: string,
  settings: readonly string[],
): Promise<(query: string) => Promise<readonly Row[]>> {
  const server = await startChatServer({ answer: play(script), keepCalls: false });
  onTestFinished(() => server.close());
  const role = `{ provider: openai, model: scripted, baseUrl: "${server.url}" }`;
  const out = await mkdtemp(join(folder, "run-"));
  const set = ["dataset.viewers=60", `knowledge.actor=${role}`, `knowledge.reflector=${role}`];
  const ended = await cli.run([
    ...["run", "pipelines/quickstart.yaml", "--out", out, "--to", to],
    ...[...set, ...settings.map((each) => each.replace("ROLE", role))].flatMap((each) => [
      "--set",
      each,
    ]),
  ]);
  expect(ended.stderr).not.toContain("r4ec:");
  expect(ended.code).toBe(0);
  told = ended.stderr;
  runDir = out;
  const db = await openDatabase({ threads: 1, memoryMb: 256, tempDir: join(out, "tmp") });
  onTestFinished(() => {
    db.close();
  });
  await mountTables(db, catalogOf(await readStageManifests(out)), out);
  return (query) => db.rows(query);
}

const draft = (): string => "A hasty draft.";
const judgeDrafts: Script["judge"] = (text) =>
  text === refinedText ? "reasonable" : "unreasonable";

const steps = `
  select role, task, round, judgement, is_final, count(*) as n from SIDE_knowledge group by all order by round, role, task`;

describe("strategies on the quickstart with a scripted model", { timeout: 300_000 }, () => {
  test("iterate: every draft is judged unreasonable, every refined text reasonable", async () => {
    const rows = await runWith({ first: draft, judge: judgeDrafts }, "knowledge", [
      "knowledge.rounds=2",
    ]);
    const [items] = await rows("select count(*) as n from item_contexts");
    for (const [side, n] of [
      ["user", 60],
      ["item", items?.["n"]],
    ] as const) {
      expect(await rows(steps.replace("SIDE", side))).toEqual([
        { role: "actor", task: "reason", round: 0, judgement: null, is_final: false, n },
        {
          role: "reflector",
          task: "reflect",
          round: 0,
          judgement: "unreasonable",
          is_final: false,
          n,
        },
        { role: "actor", task: "refine", round: 1, judgement: null, is_final: true, n },
        {
          role: "reflector",
          task: "reflect",
          round: 1,
          judgement: "reasonable",
          is_final: false,
          n,
        },
      ]);
    }
    const calls = await rows("select count(*) as n from requests");
    expect(calls).toEqual([{ n: 4 * (60 + Number(items?.["n"])) }]);
  });

  test.each(["reason", "kar"])("%s: one text a subject, nobody judges", async (strategy) => {
    const rows = await runWith({ first: draft, judge: judgeDrafts }, "knowledge", [
      `knowledge.strategy=${strategy}`,
    ]);
    expect(await rows(steps.replace("SIDE", "user"))).toEqual([
      { role: "actor", task: "reason", round: 0, judgement: null, is_final: true, n: 60 },
    ]);
    const [counts] = await rows(
      "select count(*) = (select count(*) from item_contexts) + 60 as isOneEach, bool_and(role = 'actor') as isActor from requests",
    );
    expect(counts).toEqual({ isOneEach: true, isActor: true });
  });

  test("filter: of three samples the third is judged hasty; two are kept and their vectors averaged", async () => {
    const bySeed = ({ seed = 0 }: ScriptedBody): string =>
      seed === 3 ? draft() : `${refinedText.slice(0, -1)} for seed ${seed}.`;
    const judge: Script["judge"] = (text) => (text === draft() ? "unreasonable" : "reasonable");
    const rows = await runWith({ first: bySeed, judge }, "encode", [
      "knowledge.strategy=filter",
      "knowledge.samples=3",
    ]);
    expect(
      await rows(
        `select sample, role, judgement, is_final, count(*) as n from user_knowledge group by all order by sample, role`,
      ),
    ).toEqual([
      { sample: 0, role: "actor", judgement: null, is_final: true, n: 60 },
      { sample: 0, role: "reflector", judgement: "reasonable", is_final: false, n: 60 },
      { sample: 1, role: "actor", judgement: null, is_final: true, n: 60 },
      { sample: 1, role: "reflector", judgement: "reasonable", is_final: false, n: 60 },
      { sample: 2, role: "actor", judgement: null, is_final: false, n: 60 },
      { sample: 2, role: "reflector", judgement: "unreasonable", is_final: false, n: 60 },
    ]);
    expect(
      await rows("select texts, origin, count(*) as n from user_embeddings group by all"),
    ).toEqual([{ texts: 2, origin: "text", n: 60 }]);
  });

  test("tiers: 24 of 60 users are asked about, the others get the mean of what they liked", async () => {
    const rows = await runWith({ first: draft, judge: judgeDrafts }, "encode", [
      "knowledge.strategy=reason",
      "knowledge.tiers={ activeShare: 0.4 }",
    ]);
    expect(
      await rows("select is_active, count(*) as n from user_tiers group by all order by all"),
    ).toEqual([
      { is_active: false, n: 36 },
      { is_active: true, n: 24 },
    ]);
    expect(await rows("select count(*) as n from requests where subject = 'user'")).toEqual([
      { n: 24 },
    ]);
    const [liking] = await rows(
      `select count(*) as n from user_contexts join user_tiers using (user_id)
       where not is_active and len(list_filter(history_ratings, lambda r: r > 3)) > 0`,
    );
    expect(
      await rows("select origin, count(*) as n from user_embeddings group by all order by all"),
    ).toEqual([
      { origin: "liked items", n: liking?.["n"] },
      { origin: "text", n: 24 },
    ]);
  });

  describe("construction by a teacher", () => {
    const construct = "construct={ teacher: ROLE }";
    const targets = `select 'user' as subject, label, count(*) as n from user_targets group by all
      union all select 'item', label, count(*) from item_targets group by all`;
    const countsOf = async (
      rows: (query: string) => Promise<readonly Row[]>,
      subject: "user" | "item",
    ): Promise<readonly [disliked: number, liked: number]> => {
      const found = await rows(targets);
      const n = (label: number): number =>
        Number(
          found.find((row) => row["subject"] === subject && row["label"] === label)?.["n"] ?? 0,
        );
      return [n(0), n(1)];
    };
    const routes = (subject: string): string =>
      `select route, drop_reason, count(*) as n from construction where subject = '${subject}' group by all order by all`;

    test("who always says like and finds it reasonable teaches from what was liked alone", async () => {
      const rows = await runWith(
        { first: draft, judge: () => "reasonable", verdicts: { first: "like", refined: "like" } },
        "construct",
        [construct],
      );
      for (const subject of ["user", "item"] as const) {
        const [disliked, liked] = await countsOf(rows, subject);
        expect(Math.min(disliked, liked)).toBeGreaterThan(0);
        expect(await rows(routes(subject))).toEqual([
          { route: "dropped", drop_reason: "reasonable_but_wrong", n: 2 * disliked },
          { route: "reason", drop_reason: null, n: 2 * liked },
        ]);
        const kept = `from sft_TABLE where subject = '${subject}'`;
        const count = async (table: string): Promise<unknown> =>
          (await rows(`select count(*) as n ${kept.replace("TABLE", table)}`))[0]?.["n"];
        expect(await count("reason")).toBe(2 * liked);
        expect(await count("reflect")).toBe(2 * liked);
        for (const role of ["actor", "reflector"]) {
          expect(told).toContain(
            `fine-tuning data of the ${role} about ${subject}s: ${2 * liked} rows (`,
          );
        }
        const [sides] = await rows(
          `select count(*) as sides from (select distinct split, subject_id from
             (from sft_reason union all by name from sft_reflect) where subject = '${subject}')`,
        );
        expect(sides).toEqual({ sides: liked });
      }
      const sft = join(runDir, "..", "sft");
      const exported = await cli.run(["export-sft", runDir, "--format", "trl", "--out", sft]);
      expect(exported.stderr).toMatch(/user-actor: \d+ rows to train on, \d+ for validation/u);
      expect(exported.stderr).toContain("/sft/item-reflector && trl sft --config train.yaml)");
      expect(exported.code).toBe(0);
      expect((await readdir(sft)).sort()).toEqual([
        "item-actor",
        "item-reflector",
        "user-actor",
        "user-reflector",
      ]);
      const again = await cli.run(["export-sft", runDir, "--format", "trl", "--out", sft]);
      expect(again.stderr).toContain("has files in it already");
      expect(again.code).toBe(2);
      const [users] = await rows(
        `select (select count(*) from user_targets) as chosen, count(distinct user_id) as eligible
         from timeline where role in ('train', 'dropped') and history_rn >= 10`,
      );
      expect(users?.["chosen"]).toBe(Math.ceil(0.4 * Number(users?.["eligible"])));
    });

    test("who says like, finds it unreasonable and then says dislike teaches refining from what was disliked", async () => {
      const rows = await runWith(
        { first: draft, judge: judgeDrafts, verdicts: { first: "like", refined: "dislike" } },
        "construct",
        [construct],
      );
      for (const subject of ["user", "item"] as const) {
        const [disliked, liked] = await countsOf(rows, subject);
        expect(await rows(routes(subject))).toEqual([
          { route: "dropped", drop_reason: "unreasonable_but_right", n: 2 * liked },
          { route: "refine", drop_reason: null, n: 2 * disliked },
        ]);
        const where = `where subject = '${subject}'`;
        expect(
          await rows(`select judgement, count(*) as n from sft_reflect ${where} group by all`),
        ).toEqual([{ judgement: "unreasonable", n: 2 * disliked }]);
        expect(await rows(`select count(*) as n from sft_refine ${where}`)).toEqual([
          { n: 2 * disliked },
        ]);
        // Reason and reflect for all, refine for those that were wrong.
        expect(await rows(`select count(*) as n from requests ${where}`)).toEqual([
          { n: 2 * (2 * liked + 3 * disliked) },
        ]);
      }
    });
  });
});
