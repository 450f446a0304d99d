/**
 * @file Model calls per second of the knowledge stage against a server that answers at once, and its memory.
 *
 * Baseline in the same run, alternating: the bare client, `openai` with a `fetch` over an undici pool, which gets similar prompts
 * ready-made and stores nothing.
 * The stage reads contexts, renders prompts, asks through limiter, budget and cache, and writes `user_knowledge` and `requests`; its
 * time is only that of its tasks. Then the whole process's peak memory at 30,000 and at 300,000 prompts.
 *
 * With `--refuse 0.01,0.05,0.2` instead: the same against a server that refuses these shares of the requests (429, Retry-After: 1), each
 * against a bare client that waits in its place for as long as it is told.
 *
 * Needs a build. Run: `npx tsx bench/llm.ts [--json] [--calls 40000] [--rounds 3] [--skip-memory] [--refuse SHARE,…]`
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  lineText,
  median,
  medianRatio,
  printJson,
  rounded,
  type ResultLine,
} from "./result-line.ts";

const inFlight = 64;
const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    "skip-memory": { type: "boolean", default: false },
    calls: { type: "string", default: "40000" },
    rounds: { type: "string", default: "3" },
    refuse: { type: "string" },
  },
});

/** Shared by both jobs: the build, the settings of the actor, and a client's view of N users. */
const common = `
  const [url, runDir, count] = process.argv.slice(1);
  const dist = ${JSON.stringify(fromHere("../dist/"))};
  const { knowledgeSettings } = await import(dist + "knowledge/settings.js");
  const actor = { provider: "openai", model: "bench", baseUrl: url, limits: { inFlight: ${inFlight} } };
  const knowledge = knowledgeSettings.parse({ strategy: "reason", actor });
  const subjects = Number(count);
  const history = (user) => Array.from({ length: 10 }, (_, k) => 1 + ((user * 7 + k * 13) % 500));
  const done = (seconds) => console.log(JSON.stringify({ seconds, peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
`;

const bareJob = `${common}
  const { default: OpenAI } = await import("openai");
  const { Pool } = await import("undici");
  const { userPrompts } = await import(dist + "knowledge/chat/prompts.js");
  const { domainNouns } = await import(dist + "knowledge/domain-nouns.js");
  const prompts = userPrompts(domainNouns("film", "viewer"), "tags");
  const item = (id) => ({ itemId: id, title: "Film number " + id, year: 1950 + (id % 60), attributes: { genre: ["Drama", "War"] } });
  const asked = Array.from({ length: subjects }, (_, k) => {
    const userId = k + 1;
    const rated = history(userId).map((id, place) => ({ item: item(id), rating: 1 + ((userId >> place) & 3), liked: true }));
    return prompts.reason({ userId, history: rated }).messages;
  });
  const { origin } = new URL(url);
  const pool = new Pool(origin, { connections: ${inFlight} });
  const client = new OpenAI({
    apiKey: "none", baseURL: url, maxRetries: 0,
    fetch: async (target, { method, headers, body, signal }) => {
      const reply = await pool.request({ path: target.slice(origin.length), method, headers: Object.fromEntries(headers), body, signal });
      return new Response(await reply.body.text(), { status: reply.statusCode, headers: reply.headers });
    },
  });
  let next = 0;
  const started = performance.now();
  await Promise.all(Array.from({ length: ${inFlight} }, async () => {
    while (next < subjects) {
      const messages = asked[next++];
      let answer = null;
      while (answer === null) {
        answer = await client.chat.completions.create({ model: "bench", messages, temperature: 0, top_p: 1, max_tokens: 1024, seed: 1 }).catch(async (error) => {
          if (error.status !== 429) throw error;
          await new Promise((resolve) => setTimeout(resolve, 1000 * Number(error.headers.get("retry-after"))));
          return null;
        });
      }
      if (!answer.choices[0].message.content) throw new Error("no answer");
    }
  }));
  done((performance.now() - started) / 1000);
  await pool.close();
`;

const stageJob = `${common}
  const { openDatabase } = await import(dist + "tables/database.js");
  const { writeQuery } = await import(dist + "tables/write-query.js");
  const { localExecutor } = await import(dist + "flow/executors/local/local-executor.js");
  const { runStages } = await import(dist + "flow/run-stages.js");
  const { sha256OfFile } = await import(dist + "flow/file-check.js");
  const { toJson } = await import(dist + "base/json.js");
  const { mkdir, stat } = await import("node:fs/promises");
  const { relative } = await import("node:path");
  await mkdir(runDir, { recursive: true });
  const db = await openDatabase({ threads: 2, memoryMb: 512, tempDir: runDir + "/tmp" });
  const files = [];
  const write = async (table, sql) => {
    await mkdir(runDir + "/tables/" + table, { recursive: true });
    const path = runDir + "/tables/" + table + "/part-" + files.length + ".parquet";
    const { rows } = await writeQuery(db, table, sql, {}, { outputPath: () => path });
    files.push({ table, path: relative(runDir, path), rows, bytes: (await stat(path)).size, sha256: await sha256OfFile(path) });
  };
  await write("items", "select i::integer as item_id, 'Film number ' || i as title, (1950 + i % 60)::smallint as year, map {'genre': ['Drama', 'War']} as attributes from range(1, 501) as r(i)");
  const partRows = 4096;
  for (let first = 0; first < subjects; first += partRows) {
    const last = Math.min(subjects, first + partRows);
    await write("user_contexts",
      "select u::integer as user_id, timestamp '2000-01-01' as last_ts, list_transform(range(10), lambda k: (1 + (u * 7 + k * 13) % 500)::integer) as history_items, " +
      "list_transform(range(10), lambda k: (1 + ((u >> k) & 3))::double) as history_ratings from range(" + (first + 1) + ", " + (last + 1) + ") as r(u)");
  }
  db.close();
  const { fileCommitStore } = await import(dist + "flow/manifest.js");
  await fileCommitStore(runDir).putIfAbsent({ key: "given", stage: "given", index: 0, files, seconds: 0, finishedAt: "" });
  const { taskPerPart } = await import(dist + "flow/stage.js");
  const stage = {
    name: "knowledge", version: "bench", module: "knowledge/knowledge-task", export: "produceKnowledge", config: {},
    runtime: toJson({ knowledge, positiveAbove: 3 }), inputs: ["user_contexts", "items"], outputs: ["user_knowledge", "requests"],
    threads: "waiting", maxAttempts: 1, plan: (inputs) => taskPerPart("user_contexts", inputs, { subject: "user", variant: "r4ec" }),
  };
  const executor = localExecutor({ runDir, cacheDir: runDir + "/cache", threads: 2, memoryMb: 1024 });
  const given = [{ stage: "given", key: "given", inputs: [], outputs: [], tasks: 1, taskSeconds: 0, files }];
  const started = performance.now();
  await runStages({ runDir, stages: [stage], given, executor, signal: new AbortController().signal, onEvent: () => undefined });
  done((performance.now() - started) / 1000);
  await executor.close();
`;

interface Outcome {
  readonly seconds: number;
  readonly peakRssMb: number;
}

/** @param refuse - Share of requests that are refused for a second */
async function startServer(refuse: number): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn("npx", ["tsx", fromHere("peers/chat-server.ts"), String(refuse)], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  return {
    url: first.toString().trim(),
    stop: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      await once(child, "close");
    },
  };
}

/** Runs a job in its own process with a new run folder. */
async function measure(job: string, url: string, calls: number): Promise<Outcome> {
  const runDir = await mkdtemp(join(tmpdir(), "r4ec-bench-"));
  try {
    const args = ["--input-type=module", "--eval", job, url, runDir, String(calls)];
    const child = spawn("node", args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    const [code] = (await once(child, "close")) as [number];
    if (code !== 0) throw new Error(`the job ended with ${String(code)}`);
    return JSON.parse(output) as Outcome;
  } finally {
    await rm(runDir, { recursive: true, force: true });
  }
}

/** The stage against the bare client, alternating, by a server that refuses a share of the requests. */
async function compare(refuse: number): Promise<ResultLine> {
  const server = await startServer(refuse);
  try {
    const bare: Outcome[] = [];
    const stage: Outcome[] = [];
    for (let round = 0; round < Number(flags.rounds); round++) {
      bare.push(await measure(bareJob, server.url, calls));
      stage.push(await measure(stageJob, server.url, calls));
    }
    const rate = ({ seconds }: Outcome): number => calls / seconds;
    const refused = refuse === 0 ? "" : `, ${100 * refuse} % refused`;
    return {
      bench: "llm",
      case: `knowledge stage, ${calls} calls, ${inFlight} in flight${refused}`,
      value: rounded(median(stage.map(rate))),
      unit: "calls/s",
      baseline: "bare client",
      baselineValue: rounded(median(bare.map(rate))),
      ratio: rounded(medianRatio(stage.map(rate), bare.map(rate))),
      peakRssMb: median(stage.map(({ peakRssMb }) => peakRssMb)),
    };
  } finally {
    await server.stop();
  }
}

async function compareMemory(): Promise<ResultLine> {
  const server = await startServer(0);
  try {
    const few = await measure(stageJob, server.url, 30_000);
    const many = await measure(stageJob, server.url, 300_000);
    return {
      bench: "llm",
      case: "peak memory at 300,000 prompts",
      value: many.peakRssMb,
      unit: "MiB",
      baseline: "at 30,000 prompts",
      baselineValue: few.peakRssMb,
      ratio: rounded(many.peakRssMb / few.peakRssMb),
      peakRssMb: many.peakRssMb,
    };
  } finally {
    await server.stop();
  }
}

const calls = Number(flags.calls);
const lines: ResultLine[] = [];
for (const share of flags.refuse?.split(",").map(Number) ?? [0]) lines.push(await compare(share));
if (flags.refuse === undefined && !flags["skip-memory"]) lines.push(await compareMemory());
if (flags.json) printJson(lines);
else for (const line of lines) console.log(lineText(line));
