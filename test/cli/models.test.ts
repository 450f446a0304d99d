import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row } from "../../src/tables/database.ts";
import { startBatchServer } from "../util/batch-server.ts";
import {
  startChatServer,
  type ChatBody,
  type ChatServer,
  type Fault,
} from "../util/chat-server.ts";
import { scriptedAnswer } from "../util/scripted-model.ts";
import { seededRandom } from "../util/seeded-random.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { knowledgeIn } from "./knowledge-in.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-models-"));
  cli = await buildCli();
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Both roles by a server; everything that depends on its port or its speed lies outside the tasks' keys. */
function roles(server: ChatServer, limits = "{ timeoutS: 5, inFlight: 32 }"): readonly string[] {
  const role = `{ provider: openai, model: scripted, baseUrl: "${server.url}", limits: ${limits} }`;
  return ["--set", `knowledge.actor=${role}`, "--set", `knowledge.reflector=${role}`];
}

/** A number of a text, the same in every process. */
function hashOf(text: string): number {
  let hash = 2166136261;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
  return hash >>> 0;
}

/** Faults that belong to a prompt, whatever server it is sent to. */
function promptFault(text: string): Fault | null {
  const faults = ["length", "filtered", "400", "empty"] as const;
  const place = hashOf(text) % 100;
  const kind = faults[place];
  return kind === undefined ? null : { kind };
}

/** Answers every request file of a folder as `vllm run-batch` would, out of order, and returns how many requests that were. */
async function answerBatches(
  batchDir: string,
  answer: (body: ChatBody) => string = scriptedAnswer,
): Promise<number> {
  let requests = 0;
  for (const name of (await readdir(batchDir)).filter((each) => each.endsWith(".requests.jsonl"))) {
    const lines = (await readFile(join(batchDir, name), "utf8")).trim().split("\n");
    requests += lines.length;
    const answers = lines.map((line) => {
      const { custom_id, body } = JSON.parse(line) as { custom_id: string; body: ChatBody };
      const message = { role: "assistant", content: answer(body) };
      const completion = { choices: [{ index: 0, message, finish_reason: "stop" }] };
      return JSON.stringify({
        custom_id,
        response: { status_code: 200, body: completion },
        error: null,
      });
    });
    const to = join(batchDir, name.replace(".requests.", ".answers."));
    await writeFile(to, `${answers.reverse().join("\n")}\n`);
    await rm(join(batchDir, name));
  }
  return requests;
}

describe("knowledge from a model, over HTTP", { timeout: 300_000 }, () => {
  test("2,000 users through an endpoint with every fault end as through one without: each prompt paid for once", async () => {
    const file = await writeTinyPipeline(join(folder, "many"), { users: 2000, ratingsPerUser: 14 });
    const clean = await startChatServer({
      answer: scriptedAnswer,
      fault: ({ body }) => promptFault(JSON.stringify(body.messages)),
    });
    const random = seededRandom(1);
    const passing: readonly Fault[] = [
      { kind: "429", retryAfterS: 0.2 },
      { kind: "429" },
      { kind: "500" },
      { kind: "503" },
      { kind: "disconnect" },
      { kind: "malformed" },
      { kind: "reset" },
      { kind: "drip", everyMs: 1 },
    ];
    const faulty = await startChatServer({
      answer: scriptedAnswer,
      usage: "wrong",
      fault: ({ attempt, body }) => {
        const own = promptFault(JSON.stringify(body.messages));
        if (own !== null || attempt >= 3) return own;
        const dice = random(1000);
        if (dice < 2) return { kind: dice === 0 ? "hang" : "hang-body" };
        return dice < 100 ? (passing[dice % passing.length] ?? null) : null;
      },
    });
    const runs = { clean: join(folder, "clean"), faulty: join(folder, "faulty") };
    for (const [name, server] of [
      ["clean", clean],
      ["faulty", faulty],
    ] as const) {
      const args = ["run", file, "--out", runs[name], "--to", "knowledge", ...roles(server)];
      expect(await cli.run(args), name).toMatchObject({ code: 0 });
    }
    const [ofClean, ofFaulty] = [
      await knowledgeIn(runs.clean, join(folder, "tmp")),
      await knowledgeIn(runs.faulty, join(folder, "tmp")),
    ];
    expect(new Set(ofFaulty["user"]?.map((row) => row["user_id"])).size).toBe(2000);
    expect(ofFaulty).toEqual(ofClean);
    const faults = (ofClean["requests"] ?? []).map(({ status }) => status);
    expect(new Set(faults)).toEqual(new Set(["ok", "length", "filtered", "rejected", "empty"]));
    expect(new Set((ofClean["requests"] ?? []).map(({ key }) => key)).size).toBeGreaterThan(4000);
    expect(faulty.counts.get("500")).toBeGreaterThan(10);
    const { answered = 0, drip = 0 } = Object.fromEntries(faulty.counts);
    expect(drip).toBeGreaterThan(10); // an answer all the same, only slow
    expect(answered + drip).toBe(clean.counts.get("answered"));
    expect([...faulty.answeredPerBody.values()].every((times) => times === 1)).toBe(true);
    await Promise.all([clean.close(), faulty.close()]);
  });

  test("ten kills at random moments: no answer that had arrived is asked for again, and the tables are those of a whole run", async () => {
    const file = await writeTinyPipeline(join(folder, "kills"), { users: 300, ratingsPerUser: 24 });
    const server = await startChatServer({ answer: scriptedAnswer, delayMs: 20 });
    const inFlight = 16;
    const limits = `{ inFlight: ${inFlight} }`;
    const args = ["run", file, "--to", "knowledge", ...roles(server, limits)];
    const random = seededRandom(2);
    const killed = join(folder, "killed");
    /** Calls the server had seen when a process died. */
    const seenAtKills: number[] = [];
    for (let kill = 0; kill < 10; kill++) {
      const until = server.calls.length + 1 + random(60);
      const running = cli.start([...args, "--out", killed]);
      const state = { hasEnded: false };
      void running.ended.then(() => (state.hasEnded = true));
      while (!state.hasEnded && server.calls.length < until) await delay(3);
      running.kill("SIGKILL");
      const ended = await running.ended;
      expect(ended.stderr, `kill ${kill}`).not.toMatch(/r4ec: (?!the run's process ended)/);
      expect(ended).toMatchObject({ signal: "SIGKILL" });
      while ((await server.sockets()) > 0) await delay(3); // what the process had sent may not have been read yet
      seenAtKills.push(server.calls.length);
    }
    expect(await cli.run([...args, "--out", killed])).toMatchObject({ code: 0 });
    // Only what was on the wire when a process died, and so had not arrived, is sent again.
    const bodies = server.calls.map(({ body }) => JSON.stringify(body));
    const onWire = new Set(
      seenAtKills.flatMap((seen) => bodies.slice(Math.max(0, seen - inFlight), seen)),
    );
    const sentAgain = bodies.filter((body, at) => bodies.indexOf(body) < at);
    expect(sentAgain.filter((body) => !onWire.has(body))).toEqual([]);
    expect(sentAgain.length).toBeLessThanOrEqual(10 * inFlight);
    const whole = join(folder, "whole");
    expect(await cli.run([...args, "--out", whole])).toMatchObject({ code: 0 });
    expect(await knowledgeIn(killed, join(folder, "tmp"))).toEqual(
      await knowledgeIn(whole, join(folder, "tmp")),
    );
    await server.close();
  });

  test("the key appears in no file, no output and no error", async () => {
    const key = "sk-marker-3f9a77c1e5";
    const file = await writeTinyPipeline(join(folder, "secret"), {});
    const server = await startChatServer({
      answer: scriptedAnswer,
      fault: ({ n, headers }) =>
        n % 50 === 7
          ? { kind: "400", message: `refused ${String(headers.authorization)} for ${key}` }
          : null,
    });
    process.env["R4EC_TEST_KEY"] = key;
    const role = `{ provider: openai, model: scripted, baseUrl: "${server.url}", apiKeyEnv: R4EC_TEST_KEY, headers: { x-team: "\${R4EC_TEST_KEY}" } }`;
    const out = join(folder, "secret-run");
    const ended = await cli.run([
      ...["run", file, "--out", out],
      ...["--set", `knowledge.actor=${role}`, "--set", `knowledge.reflector=${role}`],
    ]);
    expect(ended).toMatchObject({ code: 0 });
    expect(server.calls[0]?.headers.authorization).toBe(`Bearer ${key}`);
    expect(server.counts.get("400")).toBeGreaterThan(0);
    expect(ended.stdout + ended.stderr).not.toContain(key);
    for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = await readFile(join(entry.parentPath, entry.name));
      expect(content.includes(key), entry.name).toBe(false);
    }
    // Parquet is compressed: read what it holds.
    expect(JSON.stringify(await knowledgeIn(out, join(folder, "tmp")))).not.toContain(key);
    delete process.env["R4EC_TEST_KEY"];
    await server.close();
  });

  test("a budget stops the run cleanly and more of it goes on; a wrong key and a dead server say what to do", async () => {
    const file = await writeTinyPipeline(join(folder, "budget"), {});
    const server = await startChatServer({ answer: scriptedAnswer });
    const out = join(folder, "budget-run");
    const args = ["run", file, "--out", out, "--to", "knowledge", ...roles(server)];
    const stopped = await cli.run([...args, "--set", "knowledge.budget.maxRequests=30"]);
    expect(stopped).toMatchObject({ code: 1 });
    expect(stopped.stderr).toMatch(/30 of 30|30 requests/);
    expect(stopped.stderr).toContain("knowledge.budget");
    expect(server.calls).toHaveLength(30);
    expect(await cli.run(args)).toMatchObject({ code: 0 });
    expect([...server.answeredPerBody.values()].every((times) => times === 1)).toBe(true);
    await server.close();

    const cutting = await startChatServer({
      answer: scriptedAnswer,
      fault: () => ({ kind: "length" }),
    });
    const given = ["run", file, "--out", join(folder, "cut"), "--to", "knowledge"];
    const cut = await cli.run([...given, "--max-errors", "3", ...roles(cutting)]);
    expect(cut).toMatchObject({ code: 1 });
    // Which is seen first depends on how many prompts were under way.
    expect(cut.stderr).toMatch(
      /4 prompts have no answer, more than knowledge\.maxErrors = 3|none of its first 20 prompts/,
    );
    const whole = await cli.run([...given, ...roles(cutting)]);
    expect(whole).toMatchObject({ code: 1 });
    expect(whole.stderr).toMatch(
      /r4ec: the actor about (users|items), model scripted: none of its first 20 prompts got a usable answer \(length 20\)/,
    );
    expect(whole.stderr).toContain("knowledge.actor.sampling.maxTokens");
    expect(cutting.calls.length).toBeLessThan(110); // 40 users and 60 items, asked about at once
    await cutting.close();

    const locked = await startChatServer({
      answer: scriptedAnswer,
      fault: () => ({ kind: "401" }),
    });
    const refused = await cli.run([
      ...["run", file, "--out", join(folder, "locked"), "--to", "knowledge", ...roles(locked)],
    ]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain("OPENAI_API_KEY");
    expect(locked.calls.length).toBeLessThan(65);
    await locked.close();

    const dead = await cli.run([
      ...["run", file, "--out", join(folder, "dead"), "--to", "knowledge"],
      ...roles(locked, "{ downAfterS: 1 }"),
    ]);
    expect(dead).toMatchObject({ code: 1 });
    expect(dead.stderr).toContain(locked.url);
  });

  test("batch-jsonl: one command writes the requests, the next goes on with the answers", async () => {
    const file = await writeTinyPipeline(join(folder, "batch"), {});
    const out = join(folder, "batch-run");
    const role = "{ provider: batch-jsonl, model: scripted, askAgain: 0 }";
    const args = [
      ...["run", file, "--out", out, "--to", "knowledge", "--set", "knowledge.strategy=reason"],
      ...["--set", `knowledge.actor=${role}`, "--set", "knowledge.maxErrors=0.2"],
    ];
    const first = await cli.run(args);
    expect(first).toMatchObject({ code: 1 });
    expect(first.stderr).toMatch(/100 requests/);
    expect(first.stderr).toContain("vllm run-batch -i ");
    const answered = await answerBatches(join(out, "batches"));
    expect(answered).toBe(100); // 40 users and 60 items
    const second = await cli.run(args);
    expect(second.stderr).not.toContain("r4ec:");
    expect(second).toMatchObject({ code: 0 });
    const { user, item, requests } = await knowledgeIn(out, join(folder, "tmp"));
    expect([user?.length, item?.length, requests?.length]).toEqual([40, 60, 100]);
    const texts = [...(user ?? []), ...(item ?? [])];
    expect(texts.every(({ provider }) => provider === "batch-jsonl")).toBe(true);
    // The scripted model's first answers are unreadable now and then; they are rows all the same.
    const unreadable = texts.filter(({ text }) => text === null);
    expect(unreadable.every(({ error }) => String(error).startsWith("unreadable"))).toBe(true);
    expect(unreadable.length).toBeLessThan(20);
    expect(unreadable.length).toBeGreaterThan(0);
    // A change that asks nothing new of the model needs no third, and what is unreadable is asked again only as told.
    const kept = await cli.run([...args, "--set", "knowledge.maxErrors=20"]);
    expect(kept).toMatchObject({ code: 0 });
    expect(kept.stderr).toContain(`finished with ${unreadable.length} error`);
    const again = [...args, "--retry", "unreadable"];
    expect((await cli.run(again)).stderr).toMatch(
      new RegExp(`\\b${unreadable.length} requests wait`),
    );
    expect(await answerBatches(join(out, "batches"), () => "A quiet text.")).toBe(
      unreadable.length,
    );
    expect(await cli.run(again)).toMatchObject({ code: 0 });
    const mended = await knowledgeIn(out, join(folder, "tmp"));
    const errors = [...(mended["user"] ?? []), ...(mended["item"] ?? [])].map(({ error }) => error);
    expect(errors).toEqual(Array(100).fill(null));
  });

  test("batch-jsonl with iterate: a go for each step, and the texts are those of a server", async () => {
    const file = await writeTinyPipeline(join(folder, "steps"), {});
    const server = await startChatServer({ answer: scriptedAnswer });
    const live = join(folder, "live");
    expect(
      await cli.run(["run", file, "--out", live, "--to", "knowledge", ...roles(server)]),
    ).toMatchObject({ code: 0 });
    await server.close();
    const out = join(folder, "steps-run");
    const role = "{ provider: batch-jsonl, model: scripted }";
    const args = [
      ...["run", file, "--out", out, "--to", "knowledge"],
      ...["--set", `knowledge.actor=${role}`, "--set", `knowledge.reflector=${role}`],
    ];
    let goes = 1;
    for (; (await cli.run(args)).code !== 0; goes++) {
      expect(await answerBatches(join(out, "batches"))).toBeGreaterThan(0);
      expect(goes).toBeLessThan(10);
    }
    expect(goes).toBeGreaterThan(3); // reason, reflect, refine, and the last
    const withoutProvider = (rows: readonly Row[] = []): readonly Row[] =>
      rows.map((row) => ({ ...row, provider: null }));
    const [ofServer, ofBatches] = [
      await knowledgeIn(live, join(folder, "tmp")),
      await knowledgeIn(out, join(folder, "tmp")),
    ];
    expect(withoutProvider(ofBatches["user"])).toEqual(withoutProvider(ofServer["user"]));
    expect(withoutProvider(ofBatches["item"])).toEqual(withoutProvider(ofServer["item"]));
  });

  test("openai-batch: one command submits, waits and goes on", async () => {
    const file = await writeTinyPipeline(join(folder, "service"), {});
    const service = await startBatchServer({ answer: ({ body }) => scriptedAnswer(body) });
    const out = join(folder, "service-run");
    const role = `{ provider: openai-batch, model: scripted, baseUrl: "${service.url}", pollS: 0.05 }`;
    const ended = await cli.run([
      ...["run", file, "--out", out, "--to", "knowledge"],
      ...["--set", `knowledge.actor=${role}`, "--set", `knowledge.reflector=${role}`],
    ]);
    expect(ended.stderr).not.toContain("r4ec:");
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toMatch(/submitted with \d+ requests/);
    const { user, item } = await knowledgeIn(out, join(folder, "tmp"));
    expect(new Set(user?.map((row) => row["user_id"])).size).toBe(40);
    expect(new Set(item?.map((row) => row["item_id"])).size).toBe(60);
    await service.close();
  });

  test("the quickstart with another provider block runs, and the plan tells its calls before", async () => {
    const server = await startChatServer({ answer: scriptedAnswer });
    const out = join(folder, "quickstart");
    const few = ["--set", "dataset.viewers=150", "--set", "train.variants=[r4ec]"];
    const args = ["pipelines/quickstart.yaml", "--out", out, ...few, ...roles(server)];
    expect(await cli.run(["run", ...args, "--to", "contexts"])).toMatchObject({ code: 0 });
    const plan = await cli.run(["plan", ...args, "--json"]);
    expect(plan).toMatchObject({ code: 0 });
    expect(server.calls).toHaveLength(0);
    expect(await cli.run(["run", ...args, "--to", "knowledge"])).toMatchObject({ code: 0 });
    const { user } = await knowledgeIn(out, join(folder, "tmp"));
    expect(new Set(user?.map((row) => row["user_id"])).size).toBe(150);
    const status = await cli.run(["status", out]);
    expect(status.stdout).toMatch(/requests [\d,]+/);
    await server.close();
  });
});
