import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { namesIn } from "../../src/base/files/durable-file.ts";
import { catalogOf, readStageManifests } from "../../src/flow/stage-manifest.ts";
import { differences, runFolder } from "../util/dataset-run.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();
const overrides = ["dataset.viewers=300", "runtime.buckets=12"];
const fixture = fileURLToPath(new URL("./run-stages.fixture.ts", import.meta.url));

/** Runs to the end, or kills the process as soon as so many buckets are split, and says which way it ended. */
async function run(runDir: string, killAfter = Number.POSITIVE_INFINITY): Promise<string> {
  const child = spawn("node", ["--import", "tsx", fixture, runDir, ...overrides]);
  let errors = "";
  child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
  const closed = once(child, "close") as Promise<[number | null, string | null]>;
  while (child.exitCode === null && child.signalCode === null) {
    if ((await finished(runDir)).size >= killAfter) child.kill("SIGKILL");
    await delay(2);
  }
  const [code, signal] = await closed;
  if (code !== 0 && signal === null) throw new Error(errors);
  return signal ?? "ended";
}

/** The buckets that are split: path of the manifest to its text, which has the time it was finished at. */
async function finished(runDir: string): Promise<ReadonlyMap<string, string>> {
  const folder = join(runDir, "manifests", "samples");
  const names = (await namesIn(folder)).filter((name) => name.endsWith(".json"));
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
}

describe("kill -9 among buckets", { timeout: 300_000 }, () => {
  test("loses the bucket in hand alone: three kills later the tables are those of a run in peace", async () => {
    const peaceful = runFolder(memory.dir, "peaceful");
    expect(await run(peaceful)).toBe("ended");
    const killed = runFolder(memory.dir, "killed");
    let before: ReadonlyMap<string, string> = new Map();
    for (const buckets of [2, 5, 8]) {
      expect(await run(killed, buckets)).toBe("SIGKILL");
      const now = await finished(killed);
      expect(now.size).toBeGreaterThanOrEqual(buckets);
      expect(now.size).toBeLessThan(12);
      for (const [name, text] of before) expect(now.get(name)).toBe(text);
      before = now;
    }
    expect(await run(killed)).toBe("ended");
    const all = await finished(killed);
    expect(all.size).toBe(12);
    for (const [name, text] of before) expect(all.get(name)).toBe(text);

    const runs = await Promise.all(
      [peaceful, killed].map(
        async (dir) => [dir, catalogOf(await readStageManifests(dir))] as const,
      ),
    );
    for (const table of ["interactions", "users", "cuts", "timeline", "samples"]) {
      expect(await differences(memory.db, table, runs), table).toBe(0);
    }
    const parts = await namesIn(join(killed, "tables", "samples"));
    expect(parts).toHaveLength(runs[1]?.[1]["samples"]?.length ?? 0);
  });
});
