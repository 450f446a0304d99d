import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeStageManifest } from "../../src/flow/stage-manifest.ts";
import { parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import { makeRunFolder, writeRunSettings } from "../../src/pipeline/run-folder.ts";
import { verifyRun } from "../../src/pipeline/verify-run.ts";
import { commitTask } from "../flow/stage-of.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

async function smallRun(): Promise<string> {
  const runDir = await scratchFolder();
  await makeRunFolder(runDir);
  await writeRunSettings(runDir, parsePipeline("name: small", "p.yaml"));
  await commitTask(runDir, { stage: "ingest", key: "abc", index: 0, outputs: ["items"] }, "films");
  await commitTask(runDir, { stage: "ingest", key: "def", index: 1, outputs: ["users"] }, "fans");
  const manifest = { stage: "ingest", key: "k", inputs: [], outputs: ["items"], tasks: 2 };
  await writeStageManifest(runDir, { ...manifest, taskSeconds: 1, files: [] });
  return runDir;
}

describe("verifyRun", () => {
  test("counts what is as it was written", async () => {
    expect(await verifyRun(await smallRun())).toEqual({ files: 2, bytes: 9, damage: [] });
  });

  test("names everything that is not, and changes nothing", async () => {
    const runDir = await smallRun();
    await writeFile(join(runDir, "tables/items/films"), "filmy");
    await rm(join(runDir, "tables/users/fans"));
    await writeFile(join(runDir, "manifests/ingest/torn.json"), "{");
    await writeFile(join(runDir, "stages/ingest.json"), "");
    await writeFile(join(runDir, "pipeline.yaml"), "name: small\n");
    const { files, damage } = await verifyRun(runDir);
    expect(files).toBe(2);
    expect(damage.map(({ path, fault }) => [path.slice(runDir.length + 1), fault])).toEqual([
      ["manifests/ingest/torn.json", "it is not the manifest of its task"],
      ["stages/ingest.json", "it is not the manifest of its stage"],
      ["tables/items/films", "its content is not what was written"],
      ["tables/users/fans", "it is missing"],
      ["pipeline.yaml", expect.stringContaining("cut short") as unknown],
    ]);
    expect(await verifyRun(runDir)).toMatchObject({ damage });
  });
});
