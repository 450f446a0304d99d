import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { toJson } from "../../src/base/json.ts";
import { writeStageManifest } from "../../src/flow/stage-manifest.ts";
import type { FileRef, TaskContext, TaskProgress, TaskSpec } from "../../src/flow/task.ts";
import { produceKnowledge } from "../../src/knowledge/knowledge-task.ts";
import { knowledgeSettings } from "../../src/knowledge/settings.ts";
import { batchFromRows } from "../../src/tables/batch-from-rows.ts";
import { openDatabase, type Database, type Row } from "../../src/tables/database.ts";
import { quote } from "../../src/tables/quote.ts";
import { writeBatches } from "../../src/tables/write-batches.ts";
import { startChatServer } from "../util/chat-server.ts";
import { readQuestion } from "../util/scripted-model.ts";
import { fileRef } from "../util/file-ref.ts";

let dir: string;
let db: Database;
let progress: TaskProgress[];
let written: number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "r4ec-knowledge-"));
  db = await openDatabase({ threads: 1, memoryMb: 512, tempDir: join(dir, "spill") });
  progress = [];
  written = 0;
});
afterEach(async () => {
  db.close();
  await rm(dir, { recursive: true, force: true });
});

function contextWith(signal = new AbortController().signal): TaskContext {
  return {
    runDir: dir,
    cacheDir: dir,
    tempDir: join(dir, "spill"),
    threads: 1,
    memoryMb: 512,
    signal,
    outputPath: (table) => join(dir, `${table}-${written++}.parquet`),
    progress: (report) => void progress.push(report),
    shared: (_key, create) => create(),
  };
}

async function part(table: string, rows: readonly Row[]): Promise<FileRef> {
  const path = `tables/${table}.parquet`;
  await mkdir(join(dir, "tables"), { recursive: true });
  const batches = Readable.from([batchFromRows(table, rows)]);
  await writeBatches(db, table, batches, { outputPath: () => join(dir, path) });
  return fileRef(dir, table, path, rows.length);
}

const films = [1, 2, 3, 4].map((id) => ({
  item_id: id,
  title: `Film "${id}"`,
  year: id === 4 ? null : 1950 + id,
  attributes: { genre: id > 2 ? ["War"] : ["Drama"], brand: [] },
}));

function taskOf(
  subject: "user" | "item",
  inputs: readonly FileRef[],
  { nouns, ...knowledge }: { readonly nouns?: object; readonly [setting: string]: unknown } = {},
): TaskSpec {
  const words = { item: "film", user: "viewer", ...nouns };
  return {
    stage: "knowledge",
    index: 0,
    key: "",
    module: "knowledge/knowledge-task",
    export: "produceKnowledge",
    config: {},
    runtime: toJson({
      knowledge: knowledgeSettings.parse({ nouns: words, ...knowledge }),
      positiveAbove: 3,
    }),
    params: { subject, variant: "kar" },
    outputs: [`${subject}_knowledge`],
    inputs: Object.fromEntries(inputs.map((input) => [input.table, [input]])),
  };
}

const users = (count: number): Row[] =>
  Array.from({ length: count }, (_, place) => ({
    user_id: count - place,
    last_ts: new Date(0),
    history_items: [1, 2, 3, 4],
    history_ratings: [5, 4, place % 2 === 0 ? 4 : 2, 1],
  }));

async function run(task: TaskSpec, signal?: AbortSignal): Promise<readonly Row[]> {
  const [file] = await produceKnowledge(task, contextWith(signal));
  return db.rows(`select * from read_parquet(${quote(file?.path ?? "")})`);
}

describe("produceKnowledge", () => {
  test("writes every round of every user, in order, with one final text each", async () => {
    const inputs = [await part("items", films), await part("user_contexts", users(3))];
    const rows = await run(taskOf("user", inputs));
    // Users 3 and 1: Drama 2 : 0, War 1 : 1, 1950s 3 : 0. User 2: War 0 : 2 and 1950s 2 : 1, which is too little.
    expect(rows.map((row) => [row["user_id"], row["round"], row["task"], row["is_final"]])).toEqual(
      [
        [1, 0, "reason", true],
        [1, 0, "reflect", false],
        [2, 0, "reason", false],
        [2, 0, "reflect", false],
        [2, 1, "refine", true],
        [3, 0, "reason", true],
        [3, 0, "reflect", false],
      ],
    );
    expect(rows[4]).toMatchObject({
      role: "actor",
      provider: "profiler",
      model: "profiler",
      prompt_version: "profiler-1",
      error: null,
      text:
        "A balanced viewer who praises about as many films as not. " +
        "This viewer enjoys Drama films. " +
        'Favourites so far: "Film \\"1\\"" and "Film \\"2\\"". ' +
        "Opinions are divided on films of the 1950s. " +
        "This viewer is let down by War films. " +
        'Rated low: "Film \\"4\\"" and "Film \\"3\\"".',
    });
    expect(progress.at(-1)).toMatchObject({ rowsDone: 3, rowsTotal: 3, unit: "users" });
  });

  test("an error names the user as the source does where a dictionary numbers users", async () => {
    const server = await startChatServer({ answer: () => "", fault: () => ({ kind: "400" }) });
    onTestFinished(server.close);
    const dictionary = await part("user_dictionary", [{ user_id: 1, source_id: "ada" }]);
    await writeStageManifest(dir, {
      ...{ stage: "ingest", key: "", inputs: [], outputs: [], tasks: 1, taskSeconds: 0 },
      files: [dictionary],
    });
    const inputs = [await part("items", films), await part("user_contexts", users(1))];
    const provider = { provider: "openai", model: "m", baseUrl: server.url };
    const task = taskOf("user", inputs, { actor: provider, reflector: provider, maxErrors: 0 });
    await expect(run(task)).rejects.toMatchObject({
      code: "TOO_MANY_ERRORS",
      message: expect.stringContaining("the last: user ada, reason: ") as unknown,
    });
  });

  test("KAR's prompt about a user shows the attributes asked for, where they have a value", async () => {
    const server = await startChatServer({
      answer: () => "First, one. Second, two. Third, three.",
    });
    onTestFinished(server.close);
    const known = [
      { user_id: 1, attributes: { age: ["35"], gender: ["F"] } },
      { user_id: 2, attributes: { age: [], gender: ["M"] } },
      { user_id: 9, attributes: { age: ["99"] } }, // of another part
    ];
    const inputs = [
      await part("items", films),
      await part("user_contexts", users(2)),
      await part("users", known),
    ];
    const actor = { provider: "openai", model: "m", baseUrl: server.url };
    await run(taskOf("user", inputs, { strategy: "kar", actor, userAttributes: ["age"] }));
    const shown = server.calls.map(({ body }) => readQuestion(body).data);
    expect(shown).toHaveLength(2);
    expect(shown.map((data) => ("attributes" in data ? data.attributes : null))).toEqual(
      expect.arrayContaining([{ age: ["35"] }, null]),
    );
  });

  test("writes items, known to viewers or not", async () => {
    const contexts = [
      {
        item_id: 4,
        liker_id: 7,
        liker_ts: new Date(0),
        liker_items: [1, 2],
        liker_ratings: [5, 5],
      },
      { item_id: 1 },
    ];
    const inputs = [await part("items", films), await part("item_contexts", contexts)];
    const rows = await run(taskOf("item", inputs, { nouns: { item: "movie" }, rounds: 0 }));
    expect(rows.map((row) => row["text"])).toEqual([
      '"Film \\"1\\"" is a movie of the 1950s, released in 1951. Its genre is Drama.',
      '"Film \\"4\\"" is a movie. Its genre is War. It appeals to viewers who enjoy Drama movies. ' +
        "It appeals to viewers who are at home in movies of the 1950s.",
    ]);
  });

  test("uses only the attributes asked for, and refuses one that no item has", async () => {
    const inputs = [await part("items", films), await part("user_contexts", users(1))];
    const [first] = await run(taskOf("user", inputs, { attributes: ["brand"] }));
    expect(first?.["text"]).not.toContain("Drama");
    await expect(run(taskOf("user", inputs, { attributes: ["genres"] }))).rejects.toThrow(
      "knowledge.attributes names genres, which no item has; the items have: brand, genre.",
    );
  });

  test("the same input gives the same bytes, past one batch, with progress on the way", async () => {
    const inputs = [await part("items", films), await part("user_contexts", users(600))];
    const task = taskOf("user", inputs);
    const hashes: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      const [file] = await produceKnowledge(task, contextWith());
      expect(file?.rows).toBe(1500);
      const bytes = await readFile(file?.path ?? "");
      hashes.push(createHash("sha256").update(bytes).digest("hex"));
    }
    expect(hashes[0]).toBe(hashes[1]);
    expect(progress.slice(0, 3).map(({ rowsDone }) => rowsDone)).toEqual([256, 512, 600]);
  });

  test("stops between batches when aborted", async () => {
    const inputs = [await part("items", films), await part("user_contexts", users(600))];
    const stop = new AbortController();
    const context = {
      ...contextWith(stop.signal),
      progress: () => {
        stop.abort();
      },
    };
    await expect(produceKnowledge(taskOf("user", inputs), context)).rejects.toMatchObject({
      name: "AbortError",
    });
  });

  test("a part without contexts gives a part without rows", async () => {
    const inputs = [await part("items", films), await part("user_contexts", [])];
    expect(await run(taskOf("user", inputs))).toEqual([]);
  });
});
