import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogOf, readStageManifests } from "../../src/flow/stage-manifest.ts";
import type { PipelinePlan } from "../../src/pipeline/plan/plan-pipeline.ts";
import { openDatabase, type Row } from "../../src/tables/database.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";
import { startChatServer } from "../util/chat-server.ts";
import { startEmbeddingsServer } from "../util/embeddings-server.ts";
import { scriptedAnswer } from "../util/scripted-model.ts";
import { seededRandom } from "../util/seeded-random.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-remote-encoder-"));
  file = await writeTinyPipeline(folder);
  cli = await buildCli();
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

function encodeAt(url: string, remote: string): readonly string[] {
  return ["--set", `encode.encoder=openai:m@${url}`, "--set", `encode.remote=${remote}`];
}

/** Rows of the tables that the stage encode writes, without how the vectors were fetched. */
async function encodedIn(runDir: string): Promise<Readonly<Record<string, readonly Row[]>>> {
  const db = await openDatabase({ threads: 1, memoryMb: 512, tempDir: join(folder, "tmp") });
  await mountTables(db, catalogOf(await readStageManifests(runDir)), runDir);
  const fetching = "latency_ms, attempts, is_cached, prompt_tokens, cost_usd";
  const found = {
    user: await db.rows("select * exclude (tokens) from user_embeddings order by all"),
    item: await db.rows("select * exclude (tokens) from item_embeddings order by all"),
    requests: await db.rows(`select * exclude (${fetching}) from requests order by all`),
  };
  db.close();
  return found;
}

describe("vectors from a server", { timeout: 300_000 }, () => {
  test("six kills at random moments: no vector that had arrived is asked for again, and the tables are those of a whole run", async () => {
    const server = await startEmbeddingsServer({ delayMs: 20 });
    const inFlight = 2;
    const remote = `{ textsPerRequest: 2, limits: { inFlight: ${inFlight} } }`;
    const args = ["run", file, "--to", "encode", ...encodeAt(server.url, remote)];
    const killed = join(folder, "killed");
    const random = seededRandom(3);
    const seenAtKills: number[] = [];
    for (let kill = 0; kill < 6; kill++) {
      const until = server.requests.length + 2 + random(6);
      const running = cli.start([...args, "--out", killed]);
      const state = { hasEnded: false };
      void running.ended.then(() => (state.hasEnded = true));
      while (!state.hasEnded && server.requests.length < until) await delay(3);
      running.kill("SIGKILL");
      expect(await running.ended, `kill ${kill}`).toMatchObject({ signal: "SIGKILL" });
      while ((await server.sockets()) > 0) await delay(3); // what the process had sent may not have been read yet
      seenAtKills.push(server.requests.length);
    }
    expect(await cli.run([...args, "--out", killed])).toMatchObject({ code: 0 });
    // Only what was on the wire when a process died, and so had not arrived, is sent again.
    const sent = server.requests.flatMap(({ input }, request) =>
      input.map((text) => ({ text, request })),
    );
    const onWire = new Set(
      sent
        .filter(({ request }) =>
          seenAtKills.some((seen) => request < seen && request >= seen - inFlight),
        )
        .map(({ text }) => text),
    );
    const texts = sent.map(({ text }) => text);
    const sentAgain = texts.filter((text, place) => texts.indexOf(text) < place);
    expect(sentAgain.filter((text) => !onWire.has(text))).toEqual([]);

    const whole = join(folder, "whole");
    expect(await cli.run([...args, "--out", whole])).toMatchObject({ code: 0 });
    const [ofKilled, ofWhole] = [await encodedIn(killed), await encodedIn(whole)];
    expect(ofKilled).toEqual(ofWhole);
    expect([ofWhole["user"]?.length, ofWhole["item"]?.length]).toEqual([40, 60]);
    expect(ofWhole["requests"]).toHaveLength(100);
    expect(ofWhole["user"]?.[0]).toMatchObject({ encoder: "m", truncated: 0, chunks: 1 });
    await server.close();
  });

  test("vectors are shared by runs through encode.vectors; a budget stops the run, and more of it goes on", async () => {
    const server = await startEmbeddingsServer();
    const price = ["--set", "knowledge.prices={ m: { prompt: 2, completion: 0 } }"];
    const args = [
      ...["run", file, "--to", "encode", "--set", `encode.vectors=${join(folder, "vectors")}`],
      ...encodeAt(server.url, "{ textsPerRequest: 10, limits: { inFlight: 1 } }"),
      ...price,
    ];
    const out = ["--out", join(folder, "budget")];
    const stopped = await cli.run([...args, ...out, "--set", "knowledge.budget.maxRequests=4"]);
    expect(stopped).toMatchObject({ code: 1 });
    expect(stopped.stderr).toContain("4 of knowledge.budget.maxRequests = 4 requests");
    expect(server.requests).toHaveLength(4);
    expect(await cli.run([...args, ...out])).toMatchObject({ code: 0 });
    expect(await cli.run([...args, "--out", join(folder, "other")])).toMatchObject({ code: 0 });
    expect(new Set(server.answeredPerText.values())).toEqual(new Set([1]));
    await server.close();
  });

  test("a chat model and two encoders spend one budget, also when the run goes on", async () => {
    const chat = await startChatServer({ answer: scriptedAnswer });
    const encoders = [await startEmbeddingsServer(), await startEmbeddingsServer()];
    const names = encoders.map(({ url }, place) => `"openai:m${place}@${url}"`);
    const out = join(folder, "together");
    const args = [
      ...["run", file, "--out", out, "--to", "encode", "--set", "knowledge.strategy=reason"],
      "--set",
      `knowledge.actor={ provider: openai, model: scripted, askAgain: 0, baseUrl: "${chat.url}" }`,
      ...["--set", `encode.encoder=[${names.join(", ")}]`],
      ...["--set", "encode.remote={ textsPerRequest: 10 }"],
      ...["--set", "knowledge.maxErrors=0.5", "--retry", "none"],
    ];
    const sent = (): number =>
      [chat.calls, ...encoders.map(({ requests }) => requests)].reduce(
        (sum, { length }) => sum + length,
        0,
      );
    // 100 prompts, then at least 10 requests by each encoder.
    for (const most of [40, 105, 112]) {
      const stopped = await cli.run([...args, "--set", `knowledge.budget.maxRequests=${most}`]);
      expect(stopped).toMatchObject({ code: 1 });
      expect(stopped.stderr).toContain(`${most} of knowledge.budget.maxRequests = ${most}`);
      expect(sent()).toBe(most);
    }
    expect(encoders[1]?.requests.length).toBeGreaterThan(0);
    expect(await cli.run(args)).toMatchObject({ code: 0 });
    await Promise.all([chat, ...encoders].map((server) => server.close()));
  });

  test("encoders side by side: the same texts by each, trained and reported apart; one more encodes nothing of the others anew", async () => {
    const server = await startEmbeddingsServer();
    const out = join(folder, "beside");
    const args = (encoders: string, variants: string): readonly string[] => [
      ...["run", file, "--out", out, "--set", `encode.encoder=${encoders}`],
      ...["--set", `train.variants=${variants}`, "--set", "train.epochs=1"],
    ];
    expect(await cli.run(args("bundled", "[base, r4ec]"))).toMatchObject({ code: 0 });
    const before = await readdir(join(out, "manifests", "encode"));
    const control = '{ name: mixed, permuted: "r4ec@m" }';
    const ended = await cli.run(
      args(`[bundled, "openai:org/m@${server.url}"]`, `[base, r4ec, ${control}]`),
    );
    expect(ended.stderr).not.toContain("r4ec:");
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain("Profiler, m");
    expect(await readdir(join(out, "manifests", "encode"))).toEqual(before);
    const db = await openDatabase({ threads: 1, memoryMb: 512, tempDir: join(folder, "tmp") });
    await mountTables(db, catalogOf(await readStageManifests(out)), out);
    expect(
      await db.rows(
        "select variant, encoder, count(*)::integer as users from user_embeddings group by all order by all",
      ),
    ).toEqual([
      { variant: "r4ec", encoder: "use-lite-en", users: 40 },
      { variant: "r4ec@m", encoder: "org/m", users: 40 },
    ]);
    expect(await db.rows("select variant, role from results order by variant")).toEqual([
      { variant: "base", role: "base" },
      { variant: "mixed", role: "control" },
      { variant: "r4ec", role: "knowledge" },
      { variant: "r4ec@m", role: "knowledge" },
    ]);
    db.close();
    await server.close();
  });

  test("r4ec plan counts what is left: assumed before the texts are written, by the texts after", async () => {
    const out = join(folder, "planned");
    const args = [
      ...["--out", out, "--set", "encode.encoder=openai:org/m@http://127.0.0.1:1/v1"],
      ...["--set", "knowledge.prices={ org/m: { prompt: 20, completion: 0 } }"],
    ];
    const planned = async (): Promise<PipelinePlan["encode"]> =>
      (JSON.parse((await cli.run(["plan", file, "--json", ...args])).stdout) as PipelinePlan)
        .encode;
    expect(await planned()).toBe("unknown");
    await cli.run(["run", file, "--to", "contexts", ...args]);
    // 100 texts of 10 sentences of 112 characters and the 9 spaces between them: 283 tokens each
    expect(await planned()).toEqual([
      {
        ...{ variant: "r4ec", model: "org/m", texts: 100, promptTokens: 28_300, tokens: "assumed" },
        calls: 4, // 28,300 / 8,192 tokens, more than 100 / 32 texts
        costUsd: 0.566,
      },
    ]);
    await cli.run(["run", file, "--to", "knowledge", ...args]);
    const db = await openDatabase({ threads: 1, memoryMb: 512, tempDir: join(folder, "tmp") });
    await mountTables(db, catalogOf(await readStageManifests(out)), out);
    const [written] = await db.rows(
      `select count(*)::integer as texts, sum(length(text))::integer as characters from (
         select text from user_knowledge where is_final union select text from item_knowledge where is_final)`,
    );
    db.close();
    const [estimate] = (await planned()) as Exclude<PipelinePlan["encode"], "unknown" | null>;
    expect(estimate).toMatchObject({ texts: written?.["texts"], tokens: "estimated", calls: 4 });
    const quarter = Number(written?.["characters"]) / 4;
    expect(estimate?.promptTokens).toBeGreaterThanOrEqual(quarter);
    expect(estimate?.promptTokens).toBeLessThan(quarter + 100); // less than a token more a text
    const { stdout } = await cli.run(["plan", file, ...args]);
    expect(stdout).toMatch(
      /Left to ask encoders:\n.*texts.*\nr4ec +org\/m +100 +4 +[\d,]+ +\$0\.\d+\n/,
    );
  });

  test("the key appears in no file, no output and no error", async () => {
    const key = "sk-marker-5b1d9e44c7";
    process.env["R4EC_TEST_KEY"] = key;
    const server = await startEmbeddingsServer({
      fault: ({ n }) => (n === 2 ? { status: 401, message: `no rights for ${key}` } : null),
    });
    const out = join(folder, "secret");
    const ended = await cli.run([
      ...["run", file, "--out", out, "--to", "encode"],
      ...encodeAt(
        server.url,
        '{ apiKeyEnv: R4EC_TEST_KEY, headers: { x-team: "${R4EC_TEST_KEY}" }, textsPerRequest: 5 }',
      ),
    ]);
    expect(ended).toMatchObject({ code: 1 });
    expect(server.headers[0]).toMatchObject({ authorization: `Bearer ${key}`, "x-team": key });
    expect(ended.stderr).toContain("R4EC_TEST_KEY");
    expect(ended.stdout + ended.stderr).not.toContain(key);
    for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = await readFile(join(entry.parentPath, entry.name));
      expect(content.includes(key), entry.name).toBe(false);
    }
    delete process.env["R4EC_TEST_KEY"];
    await server.close();
  });
});
