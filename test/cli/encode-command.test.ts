import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEmbeddingsServer } from "../util/embeddings-server.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";

let cli: BuiltCli;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-encode-test-"));
  cli = await buildCli();
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

describe("r4ec encode", { timeout: 300_000 }, () => {
  test("writes the file it is told to, and says so on stderr alone", async () => {
    const texts = join(folder, "texts.csv");
    await writeFile(texts, "item_id,text\n1,a quiet drama\n2,a war film\n");
    const out = join(folder, "vectors.parquet");
    const cache = join(folder, "cache");
    const run = await cli.run(["encode", texts, "--out", out, "--cache", cache]);
    expect(run).toMatchObject({ code: 0, stdout: "" });
    expect(run.stderr).toMatch(/^encode +\d+\.\d s +vectors 2$/m);
    expect(run.stderr).toContain(`2 vectors: ${out}`);
    expect((await readdir(folder)).sort()).toEqual(["cache", "texts.csv", "vectors.parquet"]);
    expect(await readdir(cache)).toEqual(["encoders"]);
  });

  test("writes ids that a spreadsheet would run as texts where asked to", async () => {
    const texts = join(folder, "formulas.csv");
    await writeFile(texts, "item_id,text\n=1+1,a quiet drama\nb,a war film\n");
    const out = join(folder, "vectors.csv");
    const encode = ["encode", texts, "--cache", join(folder, "cache"), "--safe-for-spreadsheets"];
    expect(await cli.run([...encode, "--out", out])).toMatchObject({ code: 0 });
    expect(await readFile(out, "utf8")).toMatch(/^item_id,.*\n'=1\+1,.*\nb,/);
    const refused = await cli.run([...encode, "--out", join(folder, "v.parquet")]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--safe-for-spreadsheets is for CSV");
    for (const file of [texts, out]) await rm(file);
  });

  test("a text that a server refuses is named, and fails the command beyond --max-errors", async () => {
    const server = await startEmbeddingsServer({
      fault: ({ body }) => (body.input.includes("bad") ? { status: 400, message: "no" } : null),
    });
    const texts = join(folder, "some.csv");
    await writeFile(texts, "item_id,text\n1,a\n2,bad\n3,c\n");
    const out = join(folder, "some.parquet");
    const args = ["encode", texts, "--out", out, "--encoder", `openai:m@${server.url}`];
    const failed = await cli.run(args);
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stderr).toContain("1 of 3 texts has no vector, more than --max-errors = 0.05");
    const allowed = await cli.run([...args, "--max-errors", "1"]);
    expect(allowed).toMatchObject({ code: 0 });
    expect(allowed.stderr).toContain("no vector for the text of id 2: the server answered 400: no");
    expect(allowed.stderr).toContain(`2 vectors: ${out}\n1 error (rejected 1): `);
    expect((await cli.run([...args, "--max-errors", "1.5"])).code).toBe(2);
    await server.close();
    for (const left of [texts, out, `${out}.work`]) await rm(left, { recursive: true });
  });

  test("a faulty file is exit code 1, bad usage 2, each with its cure", async () => {
    const texts = join(folder, "empty.csv");
    await writeFile(texts, "item_id,text\n1,\n");
    const faulty = await cli.run(["encode", texts, "--out", join(folder, "v.parquet")]);
    expect(faulty).toMatchObject({ code: 1, stdout: "" });
    expect(faulty.stderr).toContain("empty.csv, row 1: text of item_id 1 is empty");
    const wrong = await cli.run(["encode", texts, "--out", join(folder, "v.xlsx")]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("expected a name ending in .parquet or .csv");
    await rm(texts);
  });
});
