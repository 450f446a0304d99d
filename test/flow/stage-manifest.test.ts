import { describe, expect, test } from "vitest";
import {
  catalogOf,
  dropOutdated,
  readStageManifest,
  readStageManifests,
  writeStageManifest,
  type StageManifest,
} from "../../src/flow/stage-manifest.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { part } from "./stage-of.ts";

function complete(
  stage: string,
  inputs: readonly string[],
  outputs: readonly string[],
): StageManifest {
  const files = outputs.map((table) => part(table, stage));
  return { stage, key: `${stage}-key`, inputs, outputs, tasks: 1, taskSeconds: 2, files };
}

/** raw → clean → (counts → charts, names): `counts` and `charts` both hang off `clean`, `other` does not. */
async function folderWithStages(): Promise<string> {
  const runDir = await scratchFolder();
  for (const manifest of [
    complete("load", [], ["raw"]),
    complete("clean", ["raw"], ["clean"]),
    complete("count", ["clean"], ["counts"]),
    complete("chart", ["counts"], ["charts"]),
    complete("name", ["raw"], ["names"]),
    complete("other", [], ["audits"]),
  ]) {
    await writeStageManifest(runDir, manifest);
  }
  return runDir;
}

async function stagesIn(runDir: string): Promise<readonly string[]> {
  return (await readStageManifests(runDir)).map((manifest) => manifest.stage);
}

describe("writeStageManifest", () => {
  test("is what readStageManifest reads; an unknown stage reads as null", async () => {
    const runDir = await scratchFolder();
    expect(await readStageManifests(runDir)).toEqual([]);
    const manifest = complete("load", [], ["raw"]);
    await writeStageManifest(runDir, manifest);
    expect(await readStageManifest(runDir, "load")).toEqual(manifest);
    expect(await readStageManifest(runDir, "clean")).toBeNull();
  });
});

describe("dropOutdated", () => {
  test("takes back a stage with another key and everything downstream of it, but nothing else", async () => {
    const runDir = await folderWithStages();
    await dropOutdated(runDir, "clean", "new-key");
    expect(await stagesIn(runDir)).toEqual(["load", "name", "other"]);
  });

  test("leaves everything when the key is the same or the stage is not there", async () => {
    const runDir = await folderWithStages();
    const all = await stagesIn(runDir);
    await dropOutdated(runDir, "clean", "clean-key");
    await dropOutdated(runDir, "unheard-of", "key");
    expect(await stagesIn(runDir)).toEqual(all);
  });

  test("leaves a stage that is given other parts of a changed table", async () => {
    const runDir = await folderWithStages();
    await writeStageManifest(runDir, complete("clean-twice", ["raw"], ["clean"]));
    const of = (stage: string, source: string): StageManifest => ({
      ...complete(stage, ["clean"], [stage]),
      sources: [source],
    });
    await writeStageManifest(runDir, of("first", "clean"));
    await writeStageManifest(runDir, of("second", "clean-twice"));
    await dropOutdated(runDir, "clean-twice", "new-key");
    const left = await stagesIn(runDir);
    expect(left).toContain("first");
    expect(left).not.toContain("second");
    expect(left).not.toContain("count"); // reads all parts of clean
  });

  test("counts a table that several stages add to as changed when one of them changes", async () => {
    const runDir = await folderWithStages();
    await writeStageManifest(runDir, complete("clean-audit", ["clean"], ["audits"]));
    await writeStageManifest(runDir, complete("page", ["audits"], ["pages"]));
    await dropOutdated(runDir, "clean-audit", "new-key");
    expect(await stagesIn(runDir)).not.toContain("page");
    expect(await stagesIn(runDir)).toContain("other");
  });
});

describe("catalogOf", () => {
  test("joins the parts that several stages add to one table, in stage order, each with its stage", () => {
    const first = { stage: "first", files: [part("audits", "a"), part("samples", "s")] };
    const second = { stage: "second", files: [part("audits", "b")] };
    expect(catalogOf([first, second])).toEqual({
      audits: [
        { ...part("audits", "a"), stage: "first" },
        { ...part("audits", "b"), stage: "second" },
      ],
      samples: [{ ...part("samples", "s"), stage: "first" }],
    });
    expect(catalogOf([])).toEqual({});
  });
});
