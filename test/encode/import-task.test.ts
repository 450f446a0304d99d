import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importVectors } from "../../src/encode/import-task.ts";
import { importedFiles } from "../../src/encode/vectors/imported-files.ts";
import { writeStageManifest } from "../../src/flow/stage-manifest.ts";
import type { FileRef, TaskSpec } from "../../src/flow/task.ts";
import { toJson } from "../../src/base/json.ts";
import type { Row } from "../../src/tables/database.ts";
import { quote } from "../../src/tables/quote.ts";
import { makeRunTable } from "../util/hand-made-table.ts";
import { taskContext } from "../util/hand-made-task.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";
import { fileRef } from "../util/file-ref.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const memory = useMemoryDatabase();

/** Writes the rows of a query as a Parquet file; returns its path. */
async function parquet(name: string, sql: string): Promise<string> {
  const path = join(memory.dir, name);
  await memory.db.run(`copy (${sql}) to ${quote(path)} (format parquet)`);
  return path;
}

interface Runtime {
  readonly dictionaries: Readonly<Record<string, readonly string[]>>;
}

const ref = (table: string): FileRef => ({
  ...{ table, path: `${table}.parquet`, rows: 5, bytes: 0, sha256: "" },
});

/** The rows written of these files, in a run with items 1 to 5. */
async function imported(
  files: readonly string[],
  {
    runtime = {},
    numbered = false,
  }: { readonly runtime?: Partial<Runtime>; readonly numbered?: boolean } = {},
): Promise<readonly Row[]> {
  await parquet("items.parquet", "select unnest(range(1, 6))::integer as item_id");
  const task: TaskSpec = {
    stage: "import-llm",
    index: 0,
    key: "",
    module: "encode/import-task",
    export: "importVectors",
    config: {},
    runtime: toJson({ files: { item: [...files] }, ...runtime }),
    params: { subject: "item", variant: "llm", content: "" },
    inputs: {
      items: [ref("items")],
      ...(numbered && { item_dictionary: [ref("item_dictionary")] }),
    },
    outputs: ["item_embeddings"],
  };
  const [written] = await importVectors(task, taskContext(memory.dir));
  return memory.db.rows(`select * from read_parquet(${quote(written?.path ?? "")})`);
}

const row = (item_id: number, vector: readonly number[], rest: Row = {}): Row => ({
  ...{ variant: "llm", item_id, encoder: "llm", vector },
  ...{ encoder_hash: null, tokens: null, truncated: null, chunks: null, texts: null },
  ...rest,
});

describe("importVectors", () => {
  test.each([
    ["item_id integer, vector float[]", "item_id", "float[]"],
    ["id bigint, vector double[]", "id::bigint as id", "double[]"],
    ["id utinyint, vector float[2]", "id::utinyint as id", "float[2]"],
    ["item_id smallint, vector double[2]", "item_id::smallint as item_id", "double[2]"],
    ["item_id double, vector float[]", "item_id::double as item_id", "float[]"],
    ["id varchar, vector float[]", "id::varchar as id", "float[]"],
  ])("takes %s, sorts by id, keeps strangers", async (_about, id, type) => {
    const column = id.split(/ |::/)[0] ?? "";
    const path = await parquet(
      "v.parquet",
      `select ${id}, vector::${type} as vector, 'x' as note
       from (values (9, [5, 6]), (2, [0.5, -1]), (1, [3, 4])) as v(${column}, vector)`,
    );
    expect(await imported([path])).toEqual([row(1, [3, 4]), row(2, [0.5, -1]), row(9, [5, 6])]);
  });

  test("joins several files", async () => {
    const files = [
      await parquet("b.parquet", "select 2 as id, [1, 2]::float[] as vector"),
      await parquet("a.parquet", "select 1 as id, [3, 4]::float[] as vector"),
    ];
    expect(await imported(files)).toEqual([row(1, [3, 4]), row(2, [1, 2])]);
  });

  test("keeps the encoder that a file names", async () => {
    const sql = "select 2 as id, 'bge' as encoder, [1, 2]::float[] as vector, 'many' as tokens";
    expect(await imported([await parquet("v.parquet", sql)])).toEqual([
      row(2, [1, 2], { encoder: "bge" }),
    ]);
  });

  test("keeps what the table of a run says of encoder and texts", async () => {
    const kept = {
      ...{ encoder: "use-lite-en", encoder_hash: "0123456789abcdef" },
      ...{ tokens: 12, truncated: 3, chunks: 1, texts: 1 },
    };
    await makeRunTable(memory.db, "item_embeddings", [
      { variant: "r4ec", item_id: 3, vector: [1, 0], ...kept },
    ]);
    const path = await parquet("own.parquet", "from item_embeddings");
    expect(await imported([path])).toEqual([row(3, [1, 0], kept)]);
  });

  test.each([
    [
      "select 1 as item, [1]::float[] as vector",
      /v\.parquet: expected the columns item_id \(or id\) and vector, found item, vector; rename/,
    ],
    [
      "select '4.2E+13' as id, [1]::float[] as vector",
      /v\.parquet: column id holds 1 ids such as 4\.2E\+13: a spreadsheet/,
    ],
    [
      "select 16777217::float as id, [1]::float[] as vector",
      /v\.parquet: column id holds 1 ids such as 16777216\.0: FLOAT rounds/,
    ],
    ["select 'a1' as id, [1]::float[] as vector", /row 1: id a1 is no 32-bit integer; use the ids/],
    [
      "select 1.5 as id, [1]::float[] as vector",
      /row 1: id 1\.5 is no 32-bit integer; use the ids/,
    ],
    [
      "select [1] as id, [1]::float[] as vector",
      /column id is INTEGER\[\]; cast it to INTEGER or VARCHAR/,
    ],
    ["select 1 as id, 'abc' as vector", /column vector is VARCHAR; cast it to FLOAT\[\]/],
    [
      "select 1 as id, [1]::float[] as vector where false",
      /v\.parquet: there are no rows; write the vectors first/,
    ],
    [
      "select 77 as id, [1]::float[] as vector",
      /none of the 1 ids is an item of this run; ids must be those of the source, the first is "77" \(.*v\.parquet, row 1\)/,
    ],
    [
      "select null::integer as id, [1]::float[] as vector",
      /v\.parquet, row 1: there is no id; name the item/,
    ],
    [
      "select 5000000000 as id, [1]::float[] as vector",
      /row 1: id 5000000000 is no 32-bit integer/,
    ],
    ["select 1 as id, null::float[] as vector", /row 1: item 1 has no vector; leave out the row/],
    [
      "select unnest([1, 2]) as id, unnest([[1], [1, 2]])::float[] as vector",
      /row 2: the vector of item 2 has 2 numbers, the first vector has 1; encode all/,
    ],
    [
      "select unnest([1, 2]) as id, unnest([[1], ['nan'::float]])::float[] as vector",
      /row 2: the vector of item 2 holds nan at place 1; every number must be finite/,
    ],
    ["select 1 as id, [1, null]::float[] as vector", /the vector of item 1 holds null at place 2/],
    [
      "select unnest([4, 4]) as id, [1]::float[] as vector",
      /row 2: item 4 is there already, in .*v\.parquet, row 1; keep one of the two/,
    ],
  ])("%s", async (sql, message) => {
    const path = await parquet("v.parquet", sql);
    await expect(imported([path])).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(message) as string,
    });
  });

  test("says which file is no Parquet file", async () => {
    const path = join(memory.dir, "text.parquet");
    await writeFile(path, "id,vector\n");
    await expect(imported([path])).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(/text\.parquet cannot be read: it is cut off/) as string,
    });
  });

  test("says which file is damaged inside", async () => {
    const good = await parquet("a.parquet", "select 1 as id, [1]::float[] as vector");
    const rows = "select i::integer as id, [i, sin(i)]::float[] as vector from range(2, 9000) t(i)";
    const bad = await parquet("b.parquet", rows);
    const content = await readFile(bad);
    content.fill(0xff, 40, 400);
    await writeFile(bad, content);
    await expect(imported([good, bad])).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        /b\.parquet cannot be read: its contents are damaged/,
      ) as string,
    });
  });

  test.each([
    [
      "select 2 as id",
      /b\.parquet has no column vector, unlike .*a\.parquet; write the files alike/,
    ],
    [
      "select 'x' as id, [1]::float[] as vector",
      /column id of .*b\.parquet is VARCHAR, and that of .*a\.parquet INTEGER; write them alike/,
    ],
  ])("says which of two files differs: %s", async (sql, message) => {
    const good = await parquet("a.parquet", "select 1 as id, [1]::float[] as vector");
    const other = await parquet("b.parquet", sql);
    await expect(imported([good, other])).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(message) as string,
    });
  });
});

/** The run's items 1 to 5 are called so: some by the numbers of others. */
const names = ["3", "1", "tt 'x'", "é", "5000000030"];

describe("importVectors into a run whose items a dictionary numbers", () => {
  const dictionary = (): Promise<string> =>
    parquet(
      "item_dictionary.parquet",
      `select unnest(range(1, 6))::integer as item_id, unnest([${names.map(quote).join(", ")}]) as source_id`,
    );
  const vectorsOf = async (path: string, runtime: Partial<Runtime> = {}) => {
    await dictionary();
    const rows = await imported([path], { runtime, numbered: true });
    return rows.map((row) => [row["item_id"], row["vector"]]);
  };

  test.each(["integer", "bigint", "double", "varchar", "decimal(18, 1)"])(
    "joins %s ids of the source, never the run's numbers",
    async (type) => {
      const sql = `select unnest([1, 3, 2])::${type} as item_id, unnest([[1], [3], [2]])::float[] as vector`;
      expect(await vectorsOf(await parquet("v.parquet", sql))).toEqual([
        [1, [3]],
        [2, [1]],
      ]);
    },
  );

  test("joins texts and numbers of more than 32 bits, and leaves out strangers", async () => {
    const given = [...names.slice(2), "tt0", "4"];
    const sql = `select unnest([${given.map(quote).join(", ")}]) as id, unnest([[3], [4], [5], [0], [0]])::float[] as vector`;
    expect(await vectorsOf(await parquet("v.parquet", sql))).toEqual([
      [3, [3]],
      [4, [4]],
      [5, [5]],
    ]);
  });

  test("reads the numbers of another run by that run's dictionary", async () => {
    const other = await parquet(
      "other_dictionary.parquet",
      "select unnest([1, 2, 3])::integer as item_id, unnest(['1', '3', 'é']) as source_id",
    );
    const sql =
      "select unnest([1, 2, 3])::integer as item_id, unnest([[1], [3], [8]])::float[] as vector";
    const path = await parquet("v.parquet", sql);
    expect(await vectorsOf(path, { dictionaries: { item: [other] } })).toEqual([
      [1, [3]],
      [2, [1]],
      [4, [8]],
    ]);
  });

  test("says which id it was when it knows none", async () => {
    const path = await parquet("v.parquet", "select 5 as id, [1]::float[] as vector");
    await expect(vectorsOf(path)).rejects.toThrow(
      /none of the 1 ids is an item of this run; .* the first is "5" \(.*v\.parquet, row 1\)/,
    );
  });
});

test("importVectors into a run of integer ids reads another run's numbers by its dictionary", async () => {
  const other = await parquet(
    "other_dictionary.parquet",
    "select unnest([1, 2])::integer as item_id, unnest(['4', '2']) as source_id",
  );
  const path = await parquet(
    "v.parquet",
    "select unnest([1, 2])::integer as item_id, unnest([[4], [2]])::float[] as vector",
  );
  const rows = await imported([path], { runtime: { dictionaries: { item: [other] } } });
  expect(rows.map((row) => [row["item_id"], row["vector"]])).toEqual([
    [2, [2]],
    [4, [4]],
  ]);
});

describe("importedFiles", () => {
  const items = { subject: "item", variant: "llm" } as const;

  test("a file, or all that match, in order", async () => {
    const folder = await scratchFolder();
    await mkdir(join(folder, "a1"));
    await mkdir(join(folder, "a2.parquet"));
    for (const name of ["a1/y.parquet", "x.parquet", "b(1).parquet"]) {
      await writeFile(join(folder, name), "");
    }
    const found = async (pattern: string): Promise<readonly string[]> =>
      (await importedFiles(join(folder, pattern), items)).files.map((path) =>
        path.slice(folder.length + 1),
      );
    expect(await found("x.parquet")).toEqual(["x.parquet"]);
    expect(await found("*.parquet")).toEqual(["b(1).parquet", "x.parquet"]);
    expect(await found("a?/*.parquet")).toEqual(["a1/y.parquet"]);
    expect(await found("b(?).parquet")).toEqual(["b(1).parquet"]);
  });

  test("of a run the parts of the variant of this name, else of r4ec", async () => {
    const runDir = await scratchFolder();
    await mkdir(join(runDir, "tables"));
    const write = async (stage: string): Promise<void> => {
      await writeFile(join(runDir, `tables/${stage}.parquet`), stage);
      await writeStageManifest(runDir, {
        ...{ stage, key: "", inputs: [], outputs: ["item_embeddings"], tasks: 1, taskSeconds: 0 },
        files: [fileRef(runDir, "item_embeddings", `tables/${stage}.parquet`, 1)],
      });
    };
    const found = async (variant: string): Promise<readonly string[]> =>
      (await importedFiles(runDir, { ...items, variant })).files.map((path) =>
        path.slice(join(runDir, "tables/").length),
      );
    await write("encode-kar");
    expect(await found("llm")).toEqual(["encode-kar.parquet"]);
    await write("encode-r2ec");
    await expect(found("llm")).rejects.toThrow(/has vectors of kar, r2ec; name the variant after/);
    await write("encode");
    await write("import-llm2");
    expect(await found("llm")).toEqual(["encode.parquet"]);
    expect(await found("r2ec")).toEqual(["encode-r2ec.parquet"]);
    expect(await found("llm2")).toEqual(["import-llm2.parquet"]);
    await writeFile(join(runDir, "tables/import-llm2.parquet"), "IMPORT-llm2");
    await expect(found("llm2")).rejects.toThrow(
      /import-llm2.parquet: its content is not what was written.*--repair/,
    );
    await expect(importedFiles(runDir, { ...items, subject: "user" })).rejects.toThrow(
      /has no user_embeddings yet; run its stage encode first/,
    );
  });

  test("of a run, or of parts of its table, its dictionary too", async () => {
    const runDir = await scratchFolder();
    const part = async (table: string): Promise<FileRef> => {
      await mkdir(join(runDir, "tables", table), { recursive: true });
      await writeFile(join(runDir, "tables", table, "a.parquet"), table);
      return fileRef(runDir, table, `tables/${table}/a.parquet`, 1);
    };
    const manifest = { key: "", inputs: [], outputs: [], tasks: 1, taskSeconds: 0 };
    await writeStageManifest(runDir, {
      ...{ ...manifest, stage: "ingest" },
      files: [await part("item_dictionary"), await part("user_dictionary")],
    });
    await writeStageManifest(runDir, {
      ...{ ...manifest, stage: "encode" },
      files: [await part("item_embeddings")],
    });
    const table = join(runDir, "tables", "item_embeddings");
    const expected = {
      files: [join(table, "a.parquet")],
      dictionary: [join(runDir, "tables", "item_dictionary", "a.parquet")],
      run: { runDir, variant: "r4ec", fingerprint: [] },
    };
    for (const path of [runDir, join(table, "a.parquet"), join(table, "*.parquet")]) {
      expect(await importedFiles(path, items)).toEqual(expected);
    }
    for (const damaged of ["item_dictionary", "item_embeddings"]) {
      const file = join(runDir, "tables", damaged, "a.parquet");
      await writeFile(file, damaged.toUpperCase());
      for (const path of [runDir, join(table, "a.parquet"), join(table, "*.parquet")]) {
        await expect(importedFiles(path, items)).rejects.toThrow(
          `${file}: its content is not what was written`,
        );
      }
      await writeFile(file, damaged);
    }
    const other = await scratchFolder();
    await mkdir(join(other, "tables", "item_embeddings"), { recursive: true });
    await writeFile(join(other, "tables", "item_embeddings", "a.parquet"), "");
    const alone = join(other, "tables", "item_embeddings", "a.parquet");
    expect(await importedFiles(alone, items)).toEqual({ files: [alone], dictionary: [] });
  });

  test("refuses files of several runs, whose numbers may differ", async () => {
    const folder = await scratchFolder();
    for (const run of ["a1", "a2"]) {
      const table = join(folder, run, "tables", "item_embeddings");
      await mkdir(table, { recursive: true });
      await writeFile(join(table, "p.parquet"), "");
      await writeStageManifest(join(folder, run), {
        ...{ key: "", inputs: [], outputs: [], tasks: 1, taskSeconds: 0 },
        ...{ stage: "ingest", files: [{ ...ref("item_dictionary"), path: "tables/d.parquet" }] },
      });
    }
    const path = join(folder, "a?", "tables", "item_embeddings", "p.parquet");
    await expect(importedFiles(path, items)).rejects.toThrow(
      /llm, items: the files are not all of one run, and ids may differ; name the folder of one run/,
    );
  });

  test.each([
    ["none.parquet", /llm, items: there is no file .*none\.parquet; relative paths start at/],
    ["*.none", /llm, items: no file matches .*\*\.none/],
    ["", /is no folder of a run; for the files in a folder write .*\*\.parquet/],
  ])("refuses %j", async (name, message) => {
    const path = join(await scratchFolder(), name);
    await expect(importedFiles(path, items)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(message) as string,
    });
  });
});
