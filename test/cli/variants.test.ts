import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogOf, readStageManifests } from "../../src/flow/stage-manifest.ts";
import { printJudgement } from "../../src/knowledge/chat/print-answer.ts";
import { openDatabase, type Database, type Row } from "../../src/tables/database.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";
import { quote } from "../../src/tables/quote.ts";
import { modelCard } from "../../src/train/export/model-card.ts";
import { startChatServer, type ChatServer } from "../util/chat-server.ts";
import { readQuestion } from "../util/scripted-model.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;
let server: ChatServer;
let runDir: string;
let db: Database;

/** Of the 60 items, those that the file has vectors of. */
const givenItems = 30;

/** Runs the pipeline with these variants; the model finds every text reasonable and writes a new one to each prompt. */
async function run(variants: string): Promise<void> {
  const role = `{ provider: openai, model: scripted, baseUrl: "${server.url}" }`;
  const sets = [`knowledge.actor=${role}`, `knowledge.reflector=${role}`];
  const ended = await cli.run([
    ...["run", join(folder, "tiny.yaml"), "--out", runDir],
    ...[...sets, `train.variants=${variants}`].flatMap((set) => ["--set", set]),
  ]);
  expect(ended).toMatchObject({ code: 0 });
  await mountTables(db, catalogOf(await readStageManifests(runDir)), runDir);
}

const rows = (query: string): Promise<readonly Row[]> => db.rows(query);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-variants-"));
  runDir = join(folder, "run");
  await writeTinyPipeline(folder);
  cli = await buildCli();
  const judgement = printJudgement({ judgement: "reasonable", reflection: null }, "tags");
  let texts = 0;
  server = await startChatServer({
    answer: (body) =>
      readQuestion(body).task === "reflect" ? judgement : `Likes film ${(texts += 1)} of its kind.`,
    keepCalls: false,
  });
  db = await openDatabase({ threads: 1, memoryMb: 256, tempDir: join(folder, "tmp") });
  await db.run(
    `copy (select id, [id, 1, -id]::double[] as vector from range(1, ${givenItems + 1}) as t(id))
     to ${quote(join(folder, "given.parquet"))} (format parquet)`,
  );
  await run(
    "[base, r4ec, r2ec, kar, base+history, base+id, base+stats, permuted, random, " +
      `{ name: llm, items: ${join(folder, "given.parquet")} }]`,
  );
}, 600_000);

afterAll(async () => {
  db.close();
  await server.close();
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

describe("a run of all variants", { timeout: 300_000 }, () => {
  test("scores the same rows with each, and says for how many of them it had vectors", async () => {
    const [shares] = await rows(
      `select count(*)::integer as rows, avg((item_id <= ${givenItems})::integer) as given,
         avg((item_id in (select item_id from samples where split = 'train'))::integer) as trained
       from samples where split = 'test'`,
    );
    const results = await rows(
      "select variant, test_rows, user_coverage, item_coverage from results order by variant",
    );
    const of = (variant: string, user: unknown, item: unknown): Row => ({
      ...{ variant, test_rows: shares?.["rows"] },
      ...{ user_coverage: user, item_coverage: item },
    });
    expect(shares?.["given"]).toBeGreaterThan(0);
    expect(results).toEqual([
      of("base", null, null),
      of("base+history", null, null),
      of("base+id", null, null),
      of("base+stats", 1, shares?.["trained"]),
      of("kar", 1, 1),
      of("llm", null, shares?.["given"]),
      of("permuted", 1, 1),
      of("r2ec", 1, 1),
      of("r4ec", 1, 1),
      of("random", 1, 1),
    ]);
    const scores =
      "select variant, list(probability order by user_id, rn) as p from predictions group by variant";
    const alike = await rows(
      `select a.variant as one, b.variant as other from (${scores}) as a join (${scores}) as b using (p)
       where a.variant < b.variant`,
    );
    // Whose first texts were all found reasonable.
    expect(alike).toEqual([{ one: "r2ec", other: "r4ec" }]);
  });

  test("writes and encodes each strategy's texts, and r2ec pays for none that r4ec has asked for", async () => {
    expect(
      await rows("select variant, count(*) as n from user_knowledge group by all order by all"),
    ).toEqual([
      { variant: "kar", n: 40 },
      { variant: "r2ec", n: 40 },
      { variant: "r4ec", n: 80 }, // a text and its judgement
    ]);
    expect(
      await rows("select variant, count(*) as n from item_embeddings group by all order by all"),
    ).toEqual([
      { variant: "kar", n: 60 },
      { variant: "llm", n: givenItems },
      { variant: "r2ec", n: 60 },
      { variant: "r4ec", n: 60 },
    ]);
    expect(
      await rows(
        "select variant, is_cached, count(*) as n from requests group by all order by all",
      ),
    ).toEqual([
      { variant: "kar", is_cached: false, n: 100 },
      { variant: "r2ec", is_cached: true, n: 100 },
      { variant: "r4ec", is_cached: false, n: 200 },
    ]);
    expect(server.counts.get("answered")).toBe(300);
    const [same] = await rows(
      `select bool_and(a.text = b.text) as same from user_knowledge as a join user_knowledge as b using (user_id)
       where a.variant = 'r2ec' and b.variant = 'r4ec' and b.role = 'actor'`,
    );
    expect(same).toEqual({ same: true });
  });

  test("gives base+history alone the longer histories that the samples now hold", async () => {
    const [longest] = await rows("select max(len(history_items)) as events from samples");
    expect(longest?.["events"]).toBeGreaterThan(20);
    const histories = new Map<string, number>();
    for (const name of await readdir(join(runDir, "models"))) {
      const text = await readFile(join(runDir, "models", name, "model.json"), "utf8");
      const { variant, history } = modelCard.parse(JSON.parse(text));
      histories.set(variant, history.length);
    }
    expect(histories.get("base+history")).toBe(50);
    histories.delete("base+history");
    expect(new Set(histories.values())).toEqual(new Set([10]));
  });

  test("counts nothing for base+stats that an audit finds fault with", async () => {
    expect(
      await rows("select audit, violations from audits where audit like '%stats%' order by all"),
    ).toEqual([
      { audit: "item_stats_from_train", violations: 0 },
      { audit: "user_stats_from_context", violations: 0 },
    ]);
    const [users] = await rows(
      "select count(*)::integer as n, max(interactions) as most from user_stats",
    );
    expect(users).toEqual({ n: 40, most: 10 });
  });

  test("shows the variants apart in the report", async () => {
    const page = await readFile(join(runDir, "report", "index.html"), "utf8");
    expect(page).toContain(">Variant</th>");
    for (const name of ["R4ec", "R2ec", "KAR"]) expect(page).toContain(`>${name}</td>`);
    expect(page).toMatch(/llm \(origin unknown\): 30\s+items from files, 3 dimensions/);
  });

  test("trains one model more for one variant more, and asks nothing again", async () => {
    const models = async (): Promise<number> =>
      (await readdir(join(runDir, "manifests", "train"))).length;
    expect(await models()).toBe(10);
    await run(
      "[base, r4ec, r2ec, kar, base+history, base+id, base+stats, permuted, random, " +
        `{ name: llm, items: ${join(folder, "given.parquet")} }, { name: llm-random, random: llm }]`,
    );
    expect(await models()).toBe(11);
    expect(server.counts.get("answered")).toBe(300);
    const added = await rows(
      "select user_coverage, item_coverage > 0 as has_items from results where variant = 'llm-random'",
    );
    expect(added).toEqual([{ user_coverage: null, has_items: true }]);
  });
});

test("tiers: less active users get their vectors from the items of each strategy alone", async () => {
  const out = join(folder, "tiers");
  const sets = ["train.variants=[r4ec, r2ec]", "knowledge.tiers={activeShare: 0.25}"];
  const ended = await cli.run([
    ...["run", join(folder, "tiny.yaml"), "--out", out, "--to", "encode"],
    ...sets.flatMap((set) => ["--set", set]),
  ]);
  expect(ended).toMatchObject({ code: 0 });
  await mountTables(db, catalogOf(await readStageManifests(out)), out);
  const counts = await rows(
    "select variant, origin, count(*)::integer as n from user_embeddings group by all order by all",
  );
  const [liking] = await rows(
    `select count(*)::integer as n from user_contexts join user_tiers using (user_id)
     where not is_active and len(list_filter(history_ratings, lambda r: r > 3)) > 0`,
  );
  expect(counts).toEqual(
    ["r2ec", "r4ec"].flatMap((variant) => [
      { variant, origin: "liked items", n: liking?.["n"] },
      { variant, origin: "text", n: 10 },
    ]),
  );
  // A user who liked one item has that item's vector, of the same variant.
  const [strangers] = await rows(
    `with one as (
       select user_id, list_filter(list_zip(history_items, history_ratings), lambda e: e[2] > 3) as liked
       from user_contexts join user_tiers using (user_id) where not is_active
     )
     select count(*) filter (u.vector <> i.vector)::integer as n, count(*)::integer > 0 as has_any
     from one join user_embeddings as u using (user_id)
     join item_embeddings as i on i.variant = u.variant and i.item_id = liked[1][1]
     where len(liked) = 1 or len(list_distinct(list_transform(liked, lambda e: e[1]))) = 1`,
  );
  expect(strangers?.["n"]).toBe(0);
}, 300_000);
