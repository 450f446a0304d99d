import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundledEncoderFolder } from "../../src/encode/model/bundled-encoder.ts";
import { openEncoder } from "../../src/encode/model/encoder.ts";
import { encodeSettings } from "../../src/encode/settings.ts";
import { errorsIn, errorTotal } from "../../src/flow/outcomes.ts";
import { encodeFile, type EncodeFileOptions } from "../../src/pipeline/encode-file.ts";
import { startEmbeddingsServer } from "../util/embeddings-server.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();
let cacheDir: string;

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "r4ec-encoder-"));
});
afterAll(() => rm(cacheDir, { recursive: true, force: true }));

/** Writes the texts to a file and encodes it. */
async function encode(
  name: string,
  content: string,
  options: Partial<EncodeFileOptions> = {},
): Promise<string> {
  const file = join(memory.dir, name);
  const out = join(memory.dir, "vectors.parquet");
  await writeFile(file, content);
  await encodeFile({
    file,
    out,
    settings: encodeSettings.parse({}),
    cacheDir,
    threads: 1,
    memoryMb: 512,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    ...options,
  });
  return out;
}

describe("encodeFile", { timeout: 120_000 }, () => {
  test("writes a vector an id, as the encoder gives it; of several texts their mean", async () => {
    const texts = ["a quiet drama", "a war film", "another\nquiet  drama"];
    const rows = [
      { film: 7, plot: texts[0] },
      { film: -3, plot: texts[1] },
      { film: 7, plot: texts[2] },
    ];
    const out = await encode("plots.json", JSON.stringify(rows), {
      idColumn: "film",
      textColumn: "plot",
    });
    const encoder = await openEncoder({
      folder: await bundledEncoderFolder(cacheDir),
      threads: 1,
    });
    const expected = await encoder.encode(texts.map((text) => text.replace(/\s+/g, " ")));
    await encoder.close();
    const [first, second, third] = [0, 1, 2].map((at) => [
      ...expected.vectors.subarray(at * 512, (at + 1) * 512),
    ]);
    const found = await memory.db.rows(`select * from '${out}'`);
    expect(found).toMatchObject([
      { film: -3, encoder: "use-lite-en", tokens: expected.tokens[1], chunks: 1 },
      { film: 7, encoder: "use-lite-en", chunks: 2, truncated: 0 },
    ]);
    expect(Object.keys(found[0] ?? {})).toEqual([
      ...["film", "encoder", "encoder_hash", "vector", "tokens", "truncated", "chunks"],
    ]);
    expect(found.map((row) => row["encoder_hash"])).toEqual([encoder.hash, encoder.hash]);
    const [alone, mean] = found.map((row) => row["vector"] as readonly number[]);
    second?.forEach((value, at) => {
      expect(alone?.[at]).toBeCloseTo(value, 5);
      expect(mean?.[at]).toBeCloseTo(((first?.[at] ?? NaN) + (third?.[at] ?? NaN)) / 2, 5);
    });
    expect(existsSync(`${out}.work`)).toBe(false);
  });

  test.each<[string, string, readonly unknown[], string]>([
    ["n.csv", "item_id,text\n10,a\n9,b\n10.0,a\n", [9, 10], "INTEGER"],
    ["t.csv", "item_id,text\n10,a\n007,b\n007,c\n", ["007", "10"], "VARCHAR"],
    ["u.csv", 'item_id,text\n"it\'s ""x""",a\né,b\n', ['it\'s "x"', "é"], "VARCHAR"],
    ["l.csv", "item_id,text\n5000000000,a\n3,b\n", ["3", "5000000000"], "VARCHAR"],
    [
      "j.json",
      '[{"item_id": "b", "text": "x"}, {"item_id": 5, "text": "y"}]',
      ["5", "b"],
      "VARCHAR",
    ],
    [
      "d.json",
      '[{"item_id": 5.0, "text": "x"}, {"item_id": -1.0, "text": "y"}]',
      [-1, 5],
      "INTEGER",
    ],
  ])("%s: the ids are those of the file", async (name, content, ids, type) => {
    const out = await encode(name, content);
    const found = await memory.db.rows(
      `select item_id, typeof(item_id) as type, len(vector) as width from '${out}'`,
    );
    expect(found).toEqual(ids.map((item_id) => ({ item_id, type, width: 512 })));
  });

  test.each([
    ["a.csv", "item_id,text\nb1,x\nb2,\n", /a\.csv, row 2: text of item_id b2 is empty; leave/],
    ["a.csv", "item_id,text\n1,x\n,y\n", /a\.csv, row 2: there is no item_id; fill it in/],
    ["a.csv", "user_id,text\n1,x\n2,\n", /a\.csv, row 2: text of user_id 2 is empty; leave/],
    [
      "a.csv",
      "film,text\n1,x\n",
      /no column item_id or user_id or id, only film, text; name it with --id/,
    ],
    ["a.csv", "id,plot\n1,x\n", /no column text, only id, plot; name it with --text/],
  ])("refuses %s with %j", async (name, content, message) => {
    await expect(encode(name, content)).rejects.toThrow(message);
    const left = await readdir(memory.dir);
    expect(left.filter((file) => file.startsWith("vectors"))).toEqual([]);
  });

  test("asks a server once for each text, also after it refused one", async () => {
    let isRefusing = true;
    const server = await startEmbeddingsServer({
      fault: ({ body }) =>
        isRefusing && body.input.includes("bad") ? { status: 400, message: "not this" } : null,
    });
    const settings = encodeSettings.parse({ encoder: `openai:m@${server.url}` });
    const rows = "id,text\n1,aa\n2,bad\n3,abc\n4,aa\n";
    await expect(encode("remote.csv", rows, { settings })).rejects.toMatchObject({
      code: "TOO_MANY_ERRORS",
      message: expect.stringContaining(
        "1 of 4 texts has no vector, more than --max-errors = 0.05 (5 %) allows: 1 error (rejected 1); " +
          "the first: the text of id 2: the server answered 400: not this. Every vector is kept.",
      ) as string,
    });
    const named = rows.replaceAll(/^(\d)/gm, "film $1");
    await expect(encode("named.csv", named, { settings })).rejects.toThrow(
      "the first: the text of id film 2: the server answered 400",
    );
    isRefusing = false;
    const out = await encode("remote.csv", rows, { settings });
    expect([...server.answeredPerText.entries()].sort()).toEqual([
      ["aa", 1],
      ["abc", 1],
      ["bad", 1],
    ]);
    const found = await memory.db.rows(`select id, encoder, tokens from '${out}' order by id`);
    expect(found).toMatchObject([{ id: 1, encoder: "m" }, { id: 2 }, { id: 3 }, { id: 4 }]);
    expect(existsSync(`${out}.work`)).toBe(false);
    await server.close();
  });

  test("writes the other vectors where a few texts are refused, and asks for these only the next time", async () => {
    let isRefusing = true;
    const server = await startEmbeddingsServer({
      fault: ({ body }) =>
        isRefusing && body.input.includes("bad") ? { status: 400, message: "not this" } : null,
    });
    const encoder = `openai:m@${server.url}`;
    const settings = encodeSettings.parse({ encoder, maxErrors: 2 });
    const rows = "id,text\nx,aa\ny,bad\nz,abc\nz,bad\n";
    const idsIn = async (file: string): Promise<unknown[]> =>
      (await memory.db.rows(`select id from '${file}' order by id`)).map(({ id }) => id);
    const notes: string[] = [];
    const errors: number[] = [];
    const told: Partial<EncodeFileOptions> = {
      settings,
      onEvent: (event) => {
        if (event.kind === "stage-finished") errors.push(errorTotal(errorsIn(event.files)));
        if (event.kind !== "task" || event.event.kind !== "progress") return;
        notes.push(...(event.event.progress.notes ?? []));
      },
    };
    const out = await encode("some.csv", rows, told);
    expect(await idsIn(out)).toEqual(["x", "z"]);
    expect(errors).toEqual([0, 2]); // of texts, and of vectors
    expect(new Set(notes)).toEqual(
      new Set(
        ["y", "z"].map(
          (id) => `no vector for the text of id ${id}: the server answered 400: not this`,
        ),
      ),
    );
    expect(existsSync(`${out}.work`)).toBe(true);
    isRefusing = false;
    const seen = server.requests.length;
    await encode("some.csv", rows, told);
    expect(await idsIn(out)).toEqual(["x", "y", "z"]);
    expect(server.requests.slice(seen).map(({ input }) => input)).toEqual([["bad"]]);
    expect(existsSync(`${out}.work`)).toBe(false);
    await server.close();
  });

  test("goes on where it was interrupted", async () => {
    const lines = Array.from({ length: 2100 }, (_none, id) =>
      JSON.stringify({ id, text: `film ${id}` }),
    );
    const abort = new AbortController();
    const stopped = encode("many.jsonl", lines.join("\n"), {
      signal: abort.signal,
      onEvent: (event) => {
        if (event.kind === "task" && event.stage === "encode" && event.event.kind === "finished")
          abort.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: "INTERRUPTED" });
    const kept: number[] = [];
    const out = await encode("many.jsonl", lines.join("\n"), {
      onEvent: (event) => {
        if (event.kind === "stage-started") kept.push(event.reused);
      },
    });
    expect(kept).toEqual([1, 1]); // the one part of texts' stage, and one of two parts of vectors
    const [counts] = await memory.db.rows(
      `select count(*) as rows, count(distinct id) as ids, min(len(vector)) as width from '${out}'`,
    );
    expect(counts).toEqual({ rows: 2100, ids: 2100, width: 512 });
  });
});
