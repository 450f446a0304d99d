import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
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

  test("leaves a page that is not r4ec's where it lies, also behind a link, and still writes the results", async () => {
    const runDir = join(folder, "linked");
    const site = join(folder, "site");
    await mkdir(runDir);
    await mkdir(site);
    await writeFile(join(site, "index.html"), "<title>My site</title>");
    await symlink(site, join(runDir, "report"));
    await expect(writeReport(db, sampleFacts, runDir)).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
      message: `${join(runDir, "report", "index.html")} exists and is not a page of r4ec; it was left as it is. Move it away`,
    });
    expect(await readFile(join(site, "index.html"), "utf8")).toBe("<title>My site</title>");
    expect(await readdir(runDir)).toContain("results.json");
  });

  test("says which file could not be written", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(writeReport(db, sampleFacts, file)).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
      message: expect.stringContaining("results.json") as string,
    });
  });
});
