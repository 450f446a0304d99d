import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundledEncoderFolder } from "../../src/encode/model/bundled-encoder.ts";
import { encoderIdentity } from "../../src/encode/encoders/encoder-kinds.ts";
import { encode } from "../../src/encode/encode-task.ts";
import { openEncoder } from "../../src/encode/model/encoder.ts";
import { encodeSettings } from "../../src/encode/settings.ts";
import { toJson } from "../../src/base/json.ts";
import { writeStageManifest } from "../../src/flow/stage-manifest.ts";
import type { FileRef, TaskContext, TaskProgress, TaskSpec } from "../../src/flow/task.ts";
import { batchFromRows } from "../../src/tables/batch-from-rows.ts";
import { openDatabase, type Database, type Row } from "../../src/tables/database.ts";
import { writeBatches } from "../../src/tables/write-batches.ts";
import { startEmbeddingsServer } from "../util/embeddings-server.ts";

let runDir: string;
let db: Database;
const opened: { close(): Promise<void> }[] = [];
const sessions = new Map<string, Promise<unknown>>();
const progress: TaskProgress[] = [];
let parts = 0;

beforeAll(async () => {
  runDir = await mkdtemp(path.join(tmpdir(), "r4ec-encode-"));
  await mkdir(path.join(runDir, "tables"));
  db = await openDatabase({ threads: 1, memoryMb: 256, tempDir: path.join(runDir, "tmp") });
});

afterAll(async () => {
  for (const session of opened) await session.close();
  db.close();
  await rm(runDir, { recursive: true, force: true });
});

function context(): TaskContext {
  return {
    runDir,
    cacheDir: path.join(runDir, "cache"),
    tempDir: path.join(runDir, "tmp"),
    threads: 1,
    memoryMb: 256,
    signal: new AbortController().signal,
    outputPath: (table) => path.join(runDir, "tables", `${table}-${parts++}.parquet`),
    progress: (now) => progress.push(now),
    shared: async <T extends { close(): Promise<void> }>(key: string, create: () => Promise<T>) => {
      const known = sessions.get(key) ?? create();
      sessions.set(key, known);
      const session = (await known) as T;
      if (!opened.includes(session)) opened.push(session);
      return session;
    },
  };
}

const knowledgeRow = (row: Row): Row => ({
  sample: 0,
  round: 0,
  role: "actor",
  task: "reason",
  is_final: true,
  provider: "profiler",
  model: "profiler",
  prompt_version: "1",
  ...row,
});

async function taskOver(subject: "user" | "item", rows: readonly Row[]): Promise<TaskSpec> {
  const table = `${subject}_knowledge`;
  async function* batches() {
    await Promise.resolve();
    yield batchFromRows(table, rows.map(knowledgeRow));
  }
  const file = await writeBatches(db, table, batches(), context());
  const part: FileRef = {
    table,
    path: path.relative(runDir, file.path),
    rows: file.rows,
    bytes: 0,
    sha256: "",
  };
  return {
    stage: "encode",
    index: 0,
    key: "",
    module: "encode/encode-task",
    export: "encode",
    config: { settings: {} },
    runtime: null,
    params: { subject, variant: "r4ec" },
    inputs: { [table]: [part] },
    outputs: [`${subject}_embeddings`],
  };
}

describe("encode", () => {
  test("writes one vector a user from the final text alone, in the order of ids", async () => {
    const long = "He likes long films. ".repeat(60).trim();
    const task = await taskOver("user", [
      { user_id: 9, text: "Likes slow dramas." },
      { user_id: 2, text: "first try", is_final: false },
      { user_id: 2, round: 1, task: "refine", text: "Likes\n  loud action films." },
      { user_id: 2, role: "reflector", task: "reflect", text: "no", is_final: false },
      { user_id: 5, text: null, is_final: false, error: "timed out" },
      { user_id: 7, text: long },
    ]);
    const [written] = await encode(task, context());
    expect(written).toMatchObject({ table: "user_embeddings", rows: 3 });

    const rows = await db.rows(`select * from read_parquet('${written?.path ?? ""}')`);
    expect(rows.map((row) => row["user_id"])).toEqual([2, 7, 9]);
    expect(new Set(rows.map((row) => row["encoder"]))).toEqual(new Set(["use-lite-en"]));
    const folder = await bundledEncoderFolder(path.join(runDir, "cache"));
    const encoder = await openEncoder({ folder, threads: 1 });
    const alone = await encoder.encode(["Likes loud action films.", long, "Likes slow dramas."]);
    await encoder.close();
    expect(rows.map((row) => row["tokens"])).toEqual([...alone.tokens]);
    expect(rows.map((row) => row["chunks"])).toEqual([...alone.chunks]);
    expect(alone.chunks[1]).toBeGreaterThan(1);
    const vectors = rows.flatMap((row) => row["vector"] as number[]);
    expect(vectors.length).toBe(3 * 512);
    vectors.forEach((value, i) => {
      expect(Math.abs(value - (alone.vectors[i] ?? Number.NaN))).toBeLessThan(1e-5);
    });
    expect(progress.at(-1)).toEqual({ rowsDone: 3, rowsTotal: 3, unit: "texts" });
  });

  test("keeps each vector with its item across the writer's chunks", async () => {
    const rows = Array.from({ length: 2500 }, (_, index) => ({
      item_id: 2500 - index,
      text: (2500 - index) % 2 === 0 ? "An even film." : "An odd film.",
    }));
    const [written] = await encode(await taskOver("item", rows), context());
    const [counts] = await db.rows(
      `select count(*) as items, count(distinct vector) as vectors, min(len(vector)) as width,
         count(distinct vector) filter (item_id % 2 = 0) as even, max(item_id) as last
       from read_parquet('${written?.path ?? ""}')`,
    );
    expect(counts).toEqual({ items: 2500, vectors: 2, width: 512, even: 1, last: 2500 });
  });

  test("averages the vectors of a user's final texts", async () => {
    const task = await taskOver("user", [
      { user_id: 3, sample: 0, text: "Likes westerns." },
      { user_id: 3, sample: 1, text: "dropped", is_final: false },
      { user_id: 3, sample: 2, text: "Likes slow dramas." },
      { user_id: 1, sample: 0, text: "Likes westerns." },
      { user_id: 2, sample: 1, text: "Likes slow dramas." },
      { user_id: 4, sample: 0, text: "Likes westerns." },
      { user_id: 4, sample: 1, text: "Likes westerns." },
    ]);
    const [written] = await encode(task, context());
    const rows = await db.rows(`select * from read_parquet('${written?.path ?? ""}')`);
    const [western, drama, both, same] = rows.map((row) => row["vector"] as number[]);
    expect(rows.map((row) => row["texts"])).toEqual([1, 1, 2, 2]);
    expect(rows.map((row) => row["chunks"])).toEqual([1, 1, 2, 2]);
    const [one, other] = rows.map((row) => Number(row["tokens"]));
    expect(rows[2]?.["tokens"]).toBe((one ?? 0) + (other ?? 0));
    expect(new Set(rows.map((row) => row["origin"]))).toEqual(new Set(["text"]));
    const mean = western?.map((value, i) => Math.fround((value + (drama?.[i] ?? 0)) / 2));
    expect(both).toEqual(mean);
    expect(same).toEqual(western);
  });

  test("keeps the texts of an item together where a window of 16,384 texts ends", async () => {
    const single = Array.from({ length: 16_383 }, (_, item_id) => ({
      item_id,
      text: "An odd film.",
    }));
    const task = await taskOver("item", [
      ...single,
      { item_id: 20_000, sample: 0, text: "An even film." },
      { item_id: 20_000, sample: 1, text: "An odd film." },
      { item_id: 20_000, sample: 2, text: "An odd film." },
      { item_id: 20_001, text: "An even film." },
    ]);
    const [written] = await encode(task, context());
    expect(written?.rows).toBe(16_385);
    const [odd, across, even] = await db.rows(
      `select texts, vector from read_parquet('${written?.path ?? ""}')
       where item_id in (16382, 20000, 20001) order by item_id`,
    );
    expect([odd, across, even].map((row) => row?.["texts"])).toEqual([1, 3, 1]);
    const [fromOdd, fromEven, mean] = [odd, even, across].map((row) => row?.["vector"] as number[]);
    mean?.forEach((value, i) => {
      expect(value).toBeCloseTo(((fromEven?.[i] ?? 0) + 2 * (fromOdd?.[i] ?? 0)) / 3, 6);
    });
  });

  test("encodes of a changed part the changed text alone, and says who made the vectors", async () => {
    const server = await startEmbeddingsServer();
    const settings = encodeSettings.parse({ encoder: `openai:m@${server.url}` });
    const written = async (texts: readonly string[]) => {
      const task = await taskOver(
        "user",
        texts.map((text, user_id) => ({ user_id, text })),
      );
      const files = await encode(
        { ...task, config: { settings: toJson(settings) }, outputs: [...task.outputs, "requests"] },
        context(),
      );
      const [vectors, requests] = files.map(({ path: file }) => `read_parquet('${file}')`);
      return {
        vectors: await db.rows(`select * from ${vectors ?? ""} order by user_id`),
        requests: await db.rows(`select * from ${requests ?? ""} order by subject_id`),
      };
    };
    await written(["a", "b", "c"]);
    const { vectors, requests } = await written(["a", "bb", "c"]);
    expect(server.requests.map(({ input }) => [...input].sort())).toEqual([
      ["a", "b", "c"],
      ["bb"],
    ]);
    const hash = await encoderIdentity(settings);
    expect(vectors).toMatchObject([
      { user_id: 0, encoder: "m", encoder_hash: hash, truncated: 0, chunks: 1, texts: 1 },
      { user_id: 1, encoder: "m", encoder_hash: hash },
      { user_id: 2, encoder: "m", encoder_hash: hash },
    ]);
    expect(requests).toMatchObject([
      { subject_id: 0, role: "encoder", task: "embed", sample: 0, is_cached: true, status: "ok" },
      { subject_id: 1, model: "m", prompt_tokens: 3, is_cached: false, cost_usd: null },
      { subject_id: 2, is_cached: true },
    ]);
    await server.close();
  });

  test("a text that the server refuses is an error in its row of requests, and has no vector", async () => {
    const server = await startEmbeddingsServer({
      fault: ({ body }) =>
        body.input.includes("bad") ? { status: 400, message: "content policy" } : null,
    });
    const settings = encodeSettings.parse({ encoder: `openai:m@${server.url}` });
    const task = await taskOver("item", [
      { item_id: 1, text: "a" },
      { item_id: 2, text: "bad" },
      { item_id: 3, text: "bad" },
      { item_id: 3, text: "c" },
    ]);
    const files = await encode(
      { ...task, config: { settings: toJson(settings) }, outputs: [...task.outputs, "requests"] },
      context(),
    );
    const [vectors, requests] = files.map(({ path: file }) => `read_parquet('${file}')`);
    const unit = [0, 0, Math.fround(Math.SQRT1_2), Math.fround(Math.SQRT1_2)];
    expect(
      await db.rows(`select item_id, vector, texts from ${vectors ?? ""} order by item_id`),
    ).toMatchObject([
      { item_id: 1, texts: 1 },
      { item_id: 3, vector: unit, texts: 1 },
    ]);
    const error = "the server answered 400: content policy";
    expect(
      await db.rows(`select * from ${requests ?? ""} order by subject_id, sample`),
    ).toMatchObject([
      { subject_id: 1, status: "ok", error: null },
      { subject_id: 2, status: "rejected", error, is_cached: false, attempts: 1 },
      { subject_id: 3, sample: 0, status: "rejected", error },
      { subject_id: 3, sample: 1, status: "ok", error: null },
    ]);
    await server.close();
  });

  test("counts what is refused, in the progress and beside the part, and ends beyond a number of them", async () => {
    const server = await startEmbeddingsServer({
      fault: ({ body }) =>
        body.input.some((text) => text.startsWith("bad"))
          ? { status: 400, message: "content policy." }
          : null,
    });
    const rows = ["a", "bad 1", "c", "bad 2"].map((text, user_id) => ({ user_id, text }));
    const task = await taskOver("user", rows);
    const written = (maxErrors: number) => {
      sessions.delete("text errors"); // of another stage
      const encoder = `openai:m@${server.url}`;
      const settings = toJson(encodeSettings.parse({ encoder, maxErrors }));
      const outputs = [...task.outputs, "requests"];
      return encode({ ...task, config: { settings }, outputs }, context());
    };
    const [vectors, requests] = await written(2);
    expect(vectors).toMatchObject({ table: "user_embeddings", rows: 2 });
    expect(vectors).not.toHaveProperty("outcomes");
    const reason = "user 1 (table user_knowledge): the server answered 400: content policy.";
    expect(requests).toMatchObject({
      ...{ table: "requests", rows: 4 },
      outcomes: { m: { ends: { ok: 2, rejected: 2 }, firstError: reason } },
    });
    const last = progress.at(-1);
    expect(last).toMatchObject({ rowsDone: 4, unit: "texts", detail: { errors: "2" } });
    expect(last?.notes?.[0]).toBe(`no vector for ${reason}`);
    await expect(written(1)).rejects.toMatchObject({
      code: "TOO_MANY_ERRORS",
      message: expect.stringMatching(
        /^2 texts have no vector, more than encode\.maxErrors = 1 allows: .*; the last: user 3 /,
      ) as string,
    });
    await server.close();
  });

  test("writes an empty part when the server refuses every text of it", async () => {
    const server = await startEmbeddingsServer({ fault: () => ({ status: 400 }) });
    const settings = encodeSettings.parse({ encoder: `openai:m@${server.url}` });
    const task = await taskOver("item", [{ item_id: 5, text: "bad" }]);
    sessions.delete("text errors");
    const files = await encode(
      { ...task, config: { settings: toJson(settings) }, outputs: [...task.outputs, "requests"] },
      context(),
    );
    expect(files.map(({ table, rows }) => [table, rows])).toEqual([
      ["item_embeddings", 0],
      ["requests", 1],
    ]);
    await server.close();
  });

  test("writes an empty part when no text is final", async () => {
    const task = await taskOver("item", [{ item_id: 1, text: "x", is_final: false }]);
    const [written] = await encode(task, context());
    expect(written).toMatchObject({ table: "item_embeddings", rows: 0 });
  });

  test.each([[" \n"], [null]])("names the user whose text is %j", async (text) => {
    const task = await taskOver("user", [
      { user_id: 1, text: "fine" },
      { user_id: 31, text },
    ]);
    await expect(encode(task, context())).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: "user 31 (table user_knowledge): the text is empty",
    });
  });

  test("names the user as the source does where a dictionary numbers users", async () => {
    const rows = [{ user_id: 31, source_id: "ada" }];
    const dictionary = await writeBatches(
      db,
      "user_dictionary",
      [batchFromRows("user_dictionary", rows)],
      context(),
    );
    const file = path.relative(runDir, dictionary.path);
    const ingest = { stage: "ingest", key: "", inputs: [], outputs: [], tasks: 1, taskSeconds: 0 };
    await writeStageManifest(runDir, {
      ...ingest,
      files: [{ table: "user_dictionary", path: file, rows: 1, bytes: 0, sha256: "" }],
    });
    const task = await taskOver("user", [{ user_id: 31, text: " " }]);
    await expect(encode(task, context())).rejects.toThrow("user ada (table user_knowledge): the");
    await writeStageManifest(runDir, { ...ingest, files: [] });
  });
});

describe("encodeSettings", () => {
  test("has a default for every key and refuses unknown ones", () => {
    expect(encodeSettings.parse({})).toMatchObject({
      encoder: "bundled",
      precision: "fp32",
      overlong: "chunks",
      batchTokens: 1024,
      joinLines: true,
      providers: ["cpu"],
      remote: { textsPerRequest: 32, encodingFormat: "base64", limits: { inFlight: 64 } },
    });
    expect(() => encodeSettings.parse({ encoderr: "bundled" })).toThrow();
  });
});
