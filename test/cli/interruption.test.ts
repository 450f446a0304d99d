import { access, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { namesIn } from "../../src/base/files/durable-file.ts";
import { catalogOf, readStageManifests } from "../../src/flow/stage-manifest.ts";
import { openDatabase, type Row } from "../../src/tables/database.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";
import { buildCli, type BuiltCli, type CliProcess } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

/** Tables with measured times, and the columns that hold them. All others must be equal to the byte. */
const timed = new Map([
  ["training_log", ["seconds", "rows_per_s"]],
  ["results", ["seconds"]],
]);

let cli: BuiltCli;
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-interruption-"));
  file = await writeTinyPipeline(folder);
  cli = await buildCli();
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Every committed task of a run: path of its manifest to the manifest's text, with times. */
async function committedIn(runDir: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const stage of await namesIn(join(runDir, "manifests"))) {
    for (const name of await namesIn(join(runDir, "manifests", stage))) {
      const path = join(runDir, "manifests", stage, name);
      if (name.endsWith(".json")) found.set(path, await readFile(path, "utf8"));
    }
  }
  return found;
}

/** Comes back when `isReached` says so, or the process has ended. */
async function reach(running: CliProcess, isReached: () => Promise<boolean>): Promise<void> {
  const state = { hasEnded: false };
  void running.ended.then(() => (state.hasEnded = true));
  while (!state.hasEnded && !(await isReached())) await delay(5);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The run's tables: content hashes of the parts in order, or the rows where the parts hold times. */
async function contentOf(runDir: string): Promise<Readonly<Record<string, unknown>>> {
  const catalog = catalogOf(await readStageManifests(runDir));
  const db = await openDatabase({ threads: 1, memoryMb: 256, tempDir: join(folder, "tmp") });
  await mountTables(db, catalog, runDir);
  const content: Record<string, readonly string[] | readonly Row[]> = {};
  for (const [table, parts] of Object.entries(catalog)) {
    const columns = timed.get(table);
    content[table] =
      columns === undefined
        ? parts.map((part) => `${String(part.rows)} rows ${part.sha256}`)
        : await db.rows(`select * exclude (${columns.join(", ")}) from ${table} order by all`);
  }
  db.close();
  return content;
}

describe("r4ec run, interrupted", { timeout: 300_000 }, () => {
  test("comes to the same tables after kills in every stage, and never does finished tasks again", async () => {
    const whole = join(folder, "whole");
    const complete = await cli.run(["run", file, "--out", whole]);
    expect(complete).toMatchObject({ code: 0, signal: null });

    const broken = join(folder, "broken");
    const start = (): CliProcess => cli.start(["run", file, "--out", broken]);
    const hasCommitted = (count: number) => async () => (await committedIn(broken)).size >= count;
    // Of 30 tasks: ingest, samples, contexts with their audits 5, knowledge 10, encode 10, train 2, slices 2, compare 1.
    const moments: readonly (readonly [string, () => Promise<boolean>])[] = [
      ["ingest", () => exists(join(broken, "tables/interactions"))],
      ["samples", hasCommitted(1)],
      ["knowledge", hasCommitted(8)],
      ["encode", hasCommitted(18)],
      ["train", hasCommitted(25)],
    ];
    const before = new Map<string, string>();
    for (const [stage, isReached] of moments) {
      const running = start();
      await reach(running, isReached);
      running.kill("SIGKILL");
      expect(await running.ended, `killed in ${stage}`).toMatchObject({ signal: "SIGKILL" });
      for (const [path, manifest] of await committedIn(broken)) before.set(path, manifest);
    }
    expect(before.size).toBeGreaterThanOrEqual(25);

    const resumed = await start().ended;
    expect(resumed).toMatchObject({ code: 0, signal: null });
    expect(resumed.stderr).toMatch(/^ingest +kept/m);
    const after = await committedIn(broken);
    for (const [path, manifest] of before) expect(after.get(path), path).toBe(manifest);
    expect(after.size).toBe((await committedIn(whole)).size);
    expect(await contentOf(broken)).toEqual(await contentOf(whole));
    expect(await exists(join(broken, "report/index.html"))).toBe(true);

    const named = new Set(
      (await readStageManifests(broken)).flatMap(({ files }) => files.map(({ path }) => path)),
    );
    for (const table of await readdir(join(broken, "tables"))) {
      for (const part of await readdir(join(broken, "tables", table))) {
        expect(named, "left behind by a killed run").toContain(`tables/${table}/${part}`);
      }
    }
    expect(await namesIn(join(broken, "checkpoints/train"))).toEqual([]);
    expect(await readdir(broken)).not.toContain("lock");
  });

  test("stops at Ctrl-C with exit code 130 and goes on later; meanwhile nobody else may write", async () => {
    const runDir = join(folder, "stopped");
    const args = ["run", file, "--out", runDir];
    const running = cli.start(args);
    await reach(running, () => exists(join(runDir, "lock")));

    const second = await cli.run(args);
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toContain(
      `r4ec: ${runDir} is being written by process ${String(running.pid)} on `,
    );

    running.kill("SIGINT");
    const stopped = await running.ended;
    expect(stopped).toMatchObject({ code: 130, signal: null, stdout: "" });
    expect(stopped.stderr).toMatch(/^stopping: finished work is kept/m);
    expect(stopped.stderr).toMatch(/^r4ec: interrupted in stage [\w-]+$/m);
    expect(stopped.stderr).not.toContain("failed");
    expect(await readdir(runDir)).not.toContain("lock");

    const before = await committedIn(runDir);
    const resumed = await cli.run([...args, "--to", "contexts"]);
    expect(resumed).toMatchObject({ code: 0, signal: null });
    const after = await committedIn(runDir);
    for (const [path, manifest] of before) expect(after.get(path), path).toBe(manifest);
  });
});
