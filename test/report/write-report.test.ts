import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeReport } from "../../src/report/write-report.ts";
import type { Database } from "../../src/tables/database.ts";
import { sampleDatabase, sampleFacts } from "./sample-run.ts";

describe("writeReport", () => {
  let folder: string;
  let db: Database;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "r4ec-report-"));
    db = await sampleDatabase(join(folder, "tmp"), "train");
  });
  afterAll(async () => {
    db.close();
    await rm(folder, { recursive: true });
  });

  test("writes results.json and the page, twice over, and leaves nothing else", async () => {
    const runDir = join(folder, "run");
    await mkdir(runDir);
    await writeReport(db, sampleFacts, runDir);
    const results = await writeReport(db, sampleFacts, runDir);
    expect((await readdir(runDir)).sort()).toEqual(["report", "results.json"]);
    expect(await readdir(join(runDir, "report"))).toEqual(["index.html"]);
    expect(JSON.parse(await readFile(join(runDir, "results.json"), "utf8"))).toEqual(results);
    expect(await readFile(join(runDir, "report", "index.html"), "utf8")).toMatch(
      /^<!doctype html>/,
    );
  });

  test("makes no folder in place of one that was moved away", async () => {
    const runDir = join(folder, "moved");
    await expect(writeReport(db, sampleFacts, runDir)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining(`${runDir} is no longer there`) as string,
    });
    expect(await readdir(folder)).not.toContain("moved");
  });

  test("says which file could not be written", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(writeReport(db, sampleFacts, file)).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
      message: expect.stringContaining("index.html") as string,
    });
  });
});
