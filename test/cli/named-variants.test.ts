/** @file A run of several named knowledge variants against a scripted server: what is asked, what is written down, what is refused. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/sha256.ts";
import { catalogOf, readStageManifests } from "../../src/flow/stage-manifest.ts";
import { printJudgement } from "../../src/knowledge/chat/print-answer.ts";
import { openDatabase, type Database, type Row } from "../../src/tables/database.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";
import { quote } from "../../src/tables/quote.ts";
import { startChatServer, type ChatBody, type ChatServer } from "../util/chat-server.ts";
import { readQuestion } from "../util/scripted-model.ts";
import { buildCli, type BuiltCli, type CliResult } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

/** Users and items of the tiny pipeline. */
const subjects = 40 + 60;

let cli: BuiltCli;
let folder: string;
let server: ChatServer;
let runDir: string;
let db: Database;

/**
 * Every prompt gets a text of its own. Of the reflectors, `kind` finds all texts reasonable, `strict` none, and `fair` those that were
 * refined once; `strict` says something else than `fair` does.
 */
function answer(body: ChatBody): string {
  const { task, text } = readQuestion(body);
  const own = sha256(JSON.stringify(body)).slice(0, 12);
  if (task === "refine") return `Refined text ${own}.`;
  if (task !== "reflect") return `First text ${own}.`;
  const isReasonable =
    body.model === "kind" || (body.model === "fair" && text.startsWith("Refined"));
  return isReasonable
    ? printJudgement({ judgement: "reasonable", reflection: null }, "tags")
    : printJudgement(
        { judgement: "unreasonable", reflection: `Not ${body.model} enough.` },
        "tags",
      );
}

const variants =
  "[base, { name: kar, knowledge: { strategy: kar, actor: { model: other } } }, r2ec, r4ec, " +
  "{ name: filter, knowledge: { strategy: filter, samples: 2, actor: { sampling: { temperature: 0.7 } } } }, " +
  "{ name: three-rounds, knowledge: { rounds: 3 } }, " +
  "{ name: kind, knowledge: { reflector: { model: kind } } }, " +
  "{ name: strict, knowledge: { reflector: { model: strict } } }, " +
  "{ name: r4ec-mean, knowledge: r4ec, encode: { maxCharacters: 5 } }]";

const settings = (given: readonly string[]): readonly string[] =>
  given.flatMap((set) => ["--set", set]);

function start(command: string, out: string, ...more: readonly string[]): Promise<CliResult> {
  const role = (model: string): string =>
    `{ provider: openai, model: ${model}, baseUrl: "${server.url}" }`;
  return cli.run([
    ...[command, join(folder, "tiny.yaml"), "--out", out],
    ...settings([
      `knowledge.actor=${role("actor")}`,
      `knowledge.reflector=${role("fair")}`,
      "train.epochs=1",
    ]),
    ...more,
  ]);
}

const rows = (query: string): Promise<readonly Row[]> => db.rows(query);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-named-"));
  runDir = join(folder, "run");
  await writeTinyPipeline(folder);
  cli = await buildCli();
  server = await startChatServer({ answer, keepCalls: false });
  db = await openDatabase({ threads: 1, memoryMb: 256, tempDir: join(folder, "tmp") });
  const sets = settings([`train.variants=${variants}`]);
  expect(await start("run", runDir, ...sets)).toMatchObject({ code: 0 });
  await mountTables(db, catalogOf(await readStageManifests(runDir)), runDir);
}, 600_000);

afterAll(async () => {
  db.close();
  await server.close();
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

describe("one run of several knowledge variants", { timeout: 300_000 }, () => {
  test("asks every distinct prompt once", async () => {
    // Each is one prompt per user and item.
    const distinct = {
      firstTexts: 1, // of r2ec, r4ec, three-rounds, kind and strict
      kar: 1,
      judgedByFair: 1, // for r4ec and three-rounds
      refinedForFair: 1, // likewise
      judgedByFairAgain: 1, // for three-rounds, which stops there
      filterTexts: 2,
      filterJudged: 2,
      judgedByKind: 1,
      judgedByStrict: 1,
      refinedForStrict: 1,
    };
    const prompts = Object.values(distinct).reduce((sum, each) => sum + each, 0);
    expect(server.counts.get("answered")).toBe(prompts * subjects);
    const [sent] = await rows("select count(distinct key) as n from requests");
    expect(sent).toEqual({ n: prompts * subjects });
  });

  test("writes each text once, and encodes it by every encoder that is asked for", async () => {
    const texts = await rows(
      "select variant, count(*) as n from item_knowledge where role = 'actor' group by all order by all",
    );
    expect(texts).toEqual([
      { variant: "filter", n: 120 },
      { variant: "kar", n: 60 },
      { variant: "kind", n: 60 },
      { variant: "r2ec", n: 60 },
      { variant: "r4ec", n: 120 },
      { variant: "strict", n: 120 },
      { variant: "three-rounds", n: 120 },
    ]);
    const vectors = await rows("select distinct variant from item_embeddings order by variant");
    expect(vectors.map(({ variant }) => variant)).toEqual([
      ...["filter", "kar", "kind", "r2ec", "r4ec", "r4ec-mean", "strict", "three-rounds"],
    ]);
  });

  test("compares every two of its nine variants, with an interval and a corrected p-value", async () => {
    const [pairs] = await rows(
      `select count(distinct [least(variant, baseline), greatest(variant, baseline)]) as pairs, count(*) as n,
         count(auc_lift_low) as intervals, count(auc_p_holm) as corrected from comparisons`,
    );
    expect(pairs).toEqual({ pairs: 36, n: 36, intervals: 36, corrected: 36 });
  });

  test("says of every row of knowledge, vectors and results what made it", async () => {
    for (const table of ["item_knowledge", "user_embeddings", "results", "comparisons"]) {
      const [lost] = await rows(
        `select count(*) as n from ${table} as t
         where not exists (select 1 from variants as v where v.variant = t.variant and v.protocol = 'leakfree')`,
      );
      expect([table, lost]).toEqual([table, { n: 0 }]);
    }
    const made = await rows(
      `select variant, role, texts_of, strategy, rounds, samples, actor_model,
         actor_sampling ->> '$.temperature' as temperature, reflector_model, len(prompt_versions) as prompts
       from variants where subject = 'item' order by variant`,
    );
    const of = (variant: string, strategy: string, more: Row = {}): Row => ({
      ...{ variant, role: "knowledge", texts_of: variant, strategy, rounds: null, samples: null },
      ...{ actor_model: "actor", temperature: "0", reflector_model: null, prompts: 1, ...more },
    });
    const fair = { reflector_model: "fair", prompts: 3 };
    expect(made).toEqual([
      {
        ...of("base", ""),
        ...{ role: "base", texts_of: null, strategy: null, actor_model: null },
        ...{ temperature: null, prompts: null },
      },
      of("filter", "filter", { ...fair, samples: 2, temperature: "0.7", prompts: 2 }),
      of("kar", "kar", { actor_model: "other" }),
      of("kind", "iterate", { rounds: 1, reflector_model: "kind", prompts: 2 }),
      of("r2ec", "reason"),
      of("r4ec", "iterate", { ...fair, rounds: 1 }),
      of("r4ec-mean", "iterate", { ...fair, rounds: 1, texts_of: "r4ec" }),
      of("strict", "iterate", { rounds: 1, reflector_model: "strict", prompts: 3 }),
      of("three-rounds", "iterate", { ...fair, rounds: 3 }),
    ]);
  });
});

describe("vectors given by path", { timeout: 300_000 }, () => {
  const taking = (path: string, ...more: readonly string[]): readonly string[] =>
    settings([`train.variants=[base, { name: three-rounds, items: ${path} }]`, ...more]);

  test("of a run keep where they come from", async () => {
    const out = join(folder, "taking");
    expect(await start("run", out, ...taking(runDir))).toMatchObject({ code: 0 });
    const own = await openDatabase({ threads: 1, memoryMb: 256, tempDir: join(folder, "tmp") });
    await mountTables(own, catalogOf(await readStageManifests(out)), out);
    const found = await own.rows(
      `select subject, origin, imported_from, strategy, rounds, actor_model, encoder, protocol
       from variants where variant = 'three-rounds' order by subject`,
    );
    own.close();
    expect(found).toEqual([
      {
        ...{ subject: "item", origin: "run", imported_from: "tiny", strategy: "iterate" },
        ...{ rounds: 3, actor_model: "actor", encoder: "use-lite-en", protocol: "leakfree" },
      },
      {
        ...{ subject: "user", origin: "none", imported_from: null, strategy: null },
        ...{ rounds: null, actor_model: null, encoder: null, protocol: "leakfree" },
      },
    ]);
  });

  test.each([
    ["protocol=reference", "protocol leakfree there, reference here"],
    ["samples.testShare=0.3", "samples.testShare 0.2 there, 0.3 here"],
    ["contexts.history=5", "contexts.history 10 there, 5 here"],
  ])("of a run made otherwise are refused: %s", async (set, message) => {
    const ended = await start("run", join(folder, "other"), ...taking(runDir, set));
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(
      `train.variants: three-rounds, items: the run ${runDir} was made otherwise than this one`,
    );
    expect(ended.stderr).toContain(message);
  });

  test("of a run on other data are refused before anything is asked, by parts as well", async () => {
    const [part] = await rows(
      "select filename from read_parquet(" +
        quote(join(runDir, "tables", "item_embeddings", "*.parquet")) +
        ", filename = true) where variant = 'three-rounds' limit 1",
    );
    for (const path of [runDir, String(part?.["filename"])]) {
      const set = "dataset.positiveAbove=2";
      const ended = await start("run", join(folder, "data"), ...taking(path, set));
      expect(ended.code).not.toBe(0);
      expect(ended.stderr).toMatch(/the run \S+ was made on other data: 1200 interactions of 40/);
    }
  });

  test("without a run are of unknown origin", async () => {
    const file = join(folder, "plain.parquet");
    await db.run(
      `copy (select item_id as id, vector from item_embeddings where variant = 'kar') to ${quote(file)} (format parquet)`,
    );
    const out = join(folder, "plain");
    expect(await start("run", out, ...taking(file))).toMatchObject({ code: 0 });
    const own = await openDatabase({ threads: 1, memoryMb: 256, tempDir: join(folder, "tmp") });
    await mountTables(own, catalogOf(await readStageManifests(out)), out);
    const [found] = await own.rows(
      "select origin, protocol, data_fingerprint from variants where variant = 'three-rounds' and subject = 'item'",
    );
    own.close();
    expect(found).toEqual({ origin: "unknown", protocol: null, data_fingerprint: null });
  });
});
