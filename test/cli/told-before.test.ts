import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-told-test-"));
  file = await writeTinyPipeline(folder);
  await rm(join(folder, "ml/users.dat")); // its attributes are those of the layout, but nobody has one
  cli = await buildCli();
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

/** A command on the pipeline with other settings. */
function run(command: readonly string[], ...sets: readonly string[]) {
  return cli.run([...command, file, ...sets.flatMap((set) => ["--set", set])]);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe("settings that cannot work", { timeout: 300_000 }, () => {
  const noMood = 'train.attributes: no item has an attribute "mood"; the items have genre';
  const noAge =
    'train.userFeatures: no user has an attribute "age"; the users have no attributes at all; set it to []';

  test("what no data could mend is refused before anything is read or written", async () => {
    const out = join(folder, "never");
    const { code, stderr } = await run(["run", "--out", out], "train.attributes=[mood]");
    expect({ code, stderr }).toEqual({ code: 2, stderr: `r4ec: ${noMood}\n` });
    expect(await exists(out)).toBe(false);
  });

  test("what the data lack is refused before knowledge is asked for, and warned of by plan and describe", async () => {
    const out = join(folder, "run");
    const { code, stderr } = await run(["run", "--out", out], "train.userFeatures=[age]");
    expect(code).toBe(2);
    expect(stderr).toContain(`r4ec: ${noAge}\n`);
    expect(await exists(join(out, "stages/audit-contexts.json"))).toBe(true);
    expect(await exists(join(out, "manifests/knowledge"))).toBe(false);
    const planned = await run(["plan", "--out", out], "train.userFeatures=[age]");
    expect(planned.stdout).toContain(`A run would stop because of:\n  ${noAge}\n`);
    const described = await run(["describe"], "train.userFeatures=[age]");
    expect(described.stdout).toContain(`a run would stop because of:\n  ${noAge}\n`);
  });

  test("a model that no memory holds is refused before knowledge is asked for, and warned of by plan", async () => {
    const out = join(folder, "large");
    const large = "train.batchSize=1000000000";
    const refusal =
      /training dcn would not fit: the model and its steps need .* GB of memory, .*; set train\.batchSize: \d+/;
    const { code, stderr } = await run(["run", "--out", out], large);
    expect(code).toBe(1);
    expect(stderr).toMatch(refusal);
    expect(await exists(join(out, "stages/audit-contexts.json"))).toBe(true);
    expect(await exists(join(out, "manifests/knowledge"))).toBe(false);
    const planned = await run(["plan", "--out", out], large);
    expect(planned.stdout).toMatch(refusal);
    expect((await run(["plan", "--out", out])).stdout).not.toContain("would stop");
    // Vectors are counted where their width is known.
    const wide = [
      "encode.encoder=openai:m@http://127.0.0.1:1/v1",
      "encode.remote={ dimensions: 1000000000 }",
    ];
    const vectors = /training dcn would not fit: the vectors of user_embeddings need \d+\.\d GB/;
    const warned = await run(["plan", "--out", out], ...wide);
    expect(warned.stdout).toMatch(vectors);
    expect(warned.stdout.match(/would not fit/g)).toHaveLength(1);
    const unsaid = await run(["plan", "--out", out], wide[0] ?? "");
    expect(unsaid.stdout).not.toContain("would stop");
    const refused = await run(["run", "--out", out], ...wide);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toMatch(vectors);
    expect(await exists(join(out, "manifests/knowledge"))).toBe(false);
  });

  test("plan warns of a run that has not begun, and of nothing where all is well", async () => {
    const none = join(folder, "none");
    const { stdout } = await run(["plan", "--out", none], "train.attributes=[mood]");
    expect(stdout).toContain(`A run would stop because of:\n  ${noMood}\n`);
    expect((await run(["plan", "--out", none])).stdout).not.toContain("would stop");
    expect((await run(["describe"])).stdout).not.toContain("would stop");
  });

  test("a run that does not train does not mind", async () => {
    const out = join(folder, "no-training");
    const { code } = await run(
      ["run", "--to", "contexts", "--out", out],
      "train.attributes=[mood]",
    );
    expect(code).toBe(0);
  });

  test("vectors from files are read before knowledge is asked for", async () => {
    const [out, vectors] = [join(folder, "vectors"), join(folder, "v.parquet")];
    await writeFile(vectors, "no parquet");
    const variants = `train.variants=[base, r4ec, {name: own, items: ${vectors}}]`;
    const { code, stderr } = await run(["run", "--out", out], variants);
    expect({ code, isNamed: stderr.includes(vectors) }).toEqual({ code: 1, isNamed: true });
    expect(await exists(join(out, "manifests/knowledge"))).toBe(false);
    expect(await readFile(vectors, "utf8")).toBe("no parquet");
  });
});
