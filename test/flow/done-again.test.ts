import {
  access,
  copyFile,
  cp,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type RetryPolicy } from "../../src/base/retry-policy.ts";
import { FlowError } from "../../src/base/errors.ts";
import type { Outcomes } from "../../src/flow/outcomes.ts";
import { sweepAttempts } from "../../src/flow/attempts.ts";
import { fileCommitStore } from "../../src/flow/manifest.ts";
import { inspectFiles, type Inspection } from "../../src/flow/repair.ts";
import { fileCheck } from "../../src/flow/file-check.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import {
  catalogOf,
  readStageManifests,
  writeStageManifest,
} from "../../src/flow/stage-manifest.ts";
import type { FileRef } from "../../src/flow/task.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { part } from "./stage-of.ts";
import { trial, words, counts, report, type Behaviour } from "./scripted-run.ts";

/** All parts made before this run, in which two kinds are wanted. */
const retry: RetryPolicy = { kinds: ["length", "empty"], beforeMs: Date.parse("2026-02-01") };
const writer = (kind: string): Outcomes => ({
  actor: { ends: { ok: 5, [kind]: 2 }, firstError: "none" },
});
/** Of `words`, part 0 is fine, 1 has errors that are wanted again, 2 has others. */
const withErrors: Behaviour = ({ task, commit }) =>
  task.stage === "words"
    ? commit(undefined, [undefined, writer("length"), writer("filtered")][task.index])
    : commit();

describe("runStages, where earlier parts hold errors", () => {
  test("does those tasks again whose errors are wanted, then what reads them, and deletes the old parts", async () => {
    const first = await trial(withErrors);
    await first.run([words, counts, report]);
    const again = await trial(({ commit }) => commit("mended"), first.runDir);
    await again.run([words, counts, report], [], { retry });
    expect(again.executor.handedOut).toEqual(["words 1", "counts 1", "report 0"]);
    expect(again.events[0]).toMatchObject({ tasks: 3, reused: 2, retried: { length: 2 } });
    expect(await readdir(join(first.runDir, "tables/words"))).toEqual([
      ...["mended", "words 0", "words 2"],
    ]);
    expect(await readdir(join(first.runDir, "manifests/words"))).toHaveLength(3);
  });

  test("does nothing again without such a policy, nor what this run has made", async () => {
    const first = await trial(withErrors);
    await first.run([words]);
    const kept = await trial(undefined, first.runDir);
    await kept.run([words]);
    await kept.run([words], [], { retry: { ...retry, beforeMs: Date.parse("2026-01-01") } });
    expect(kept.executor.handedOut).toEqual([]);
  });

  test("leaves what reads them as it is when they come out the same", async () => {
    const first = await trial(withErrors);
    await first.run([words, counts]);
    const again = await trial(withErrors, first.runDir);
    await again.run([words, counts], [], { retry });
    await again.run([words], [], { retry });
    expect(again.executor.handedOut).toEqual(["words 1", "words 1"]);
    const listed = await readStageManifests(first.runDir);
    expect(listed.map(({ stage }) => stage)).toEqual(["counts", "words"]);
  });

  test("lists no reader of a table that has changed, also when the run stops there", async () => {
    const first = await trial(withErrors);
    await first.run([words, counts, report]);
    const again = await trial(({ commit }) => commit("mended"), first.runDir);
    await again.run([words], [], { retry });
    const listed = await readStageManifests(first.runDir);
    expect(listed.map(({ stage }) => stage)).toEqual(["words"]);
  });

  test.each<[string, (runDir: string) => Promise<void>]>([
    ["fails", () => Promise.resolve()],
    [
      "is killed",
      async (runDir) => {
        // What a kill leaves: the old manifest put aside.
        const folder = join(runDir, "manifests/words");
        const manifests = await Promise.all(
          (await readdir(folder)).map(async (name) => ({
            path: join(folder, name),
            text: await readFile(join(folder, name), "utf8"),
          })),
        );
        const old = manifests.find(({ text }) => text.includes('"length"'));
        await rename(old?.path ?? "", `${old?.path ?? ""}.aside`);
      },
    ],
  ])("has the old parts still when doing them again %s", async (_what, leave) => {
    const first = await trial(withErrors);
    const catalog = await first.run([words, counts]);
    const failing = await trial(
      () => Promise.reject(new FlowError("PROVIDER_FAILED", "no server")),
      first.runDir,
    );
    await expect(failing.run([words, counts], [], { retry })).rejects.toThrow("no server");
    await leave(first.runDir);
    expect(catalogOf(await readStageManifests(first.runDir))).toEqual(catalog);
    const next = await trial(undefined, first.runDir);
    expect(await next.run([words, counts])).toEqual(catalog);
    expect(next.executor.handedOut).toEqual([]);
    expect(await readdir(join(first.runDir, "manifests/words"))).toHaveLength(3);
  });

  /** `words` with two of three parts to be asked again, of which only the first has been done again. */
  const partlyDoneAgain = async () => {
    const first = await trial(({ commit }) => commit(undefined, writer("empty")));
    const catalog = await first.run([words]);
    const failing = await trial(
      ({ task, commit }) =>
        task.index === 0
          ? commit("mended")
          : Promise.reject(new FlowError("PROVIDER_FAILED", "no server")),
      first.runDir,
    );
    await expect(failing.run([words], [], { retry })).rejects.toThrow("no server");
    return { runDir: first.runDir, catalog, failing };
  };

  test("keeps what only the stage names still, also from attempts that were killed just after their commit", async () => {
    const runDir = await scratchFolder();
    const task = taskSpecs(words, {})[0];
    if (task === undefined) throw new Error("three tasks are planned");
    const old = part("words", "old", "tables/words/part-00000.0dead000.parquet");
    await mkdir(join(runDir, "tables/words"), { recursive: true });
    await mkdir(join(runDir, "attempts"));
    await writeFile(join(runDir, old.path), "old");
    await writeFile(join(runDir, "attempts/0dead000.json"), "");
    const listed = { stage: "words", key: "k", inputs: [], outputs: ["words"], tasks: 3 };
    await writeStageManifest(runDir, { ...listed, taskSeconds: 0, files: [old] });
    await sweepAttempts(runDir, join(runDir, "tmp"), fileCommitStore(runDir));
    expect(await readFile(join(runDir, old.path), "utf8")).toBe("old");
  });

  test("deletes the parts that only a stage's former manifest names once it has other settings", async () => {
    const { runDir } = await partlyDoneAgain();
    expect(await readdir(join(runDir, "tables/words"))).toContain("words 0");
    const other = await trial(({ task, commit }) => commit(`other ${task.index}`), runDir);
    await other.run([{ ...words, config: { other: true } }]);
    // The parts of the tasks with the former settings stay for when these come back.
    expect(await readdir(join(runDir, "tables/words"))).toEqual([
      ...["mended", "other 0", "other 1", "other 2", "words 1", "words 2"],
    ]);
  });

  test("deletes nothing in a folder that a symbolic link leads to", async () => {
    const first = await trial(withErrors);
    await first.run([words]);
    const elsewhere = await scratchFolder();
    await cp(join(first.runDir, "tables/words"), elsewhere, { recursive: true });
    await rm(join(first.runDir, "tables/words"), { recursive: true });
    await symlink(elsewhere, join(first.runDir, "tables/words"));
    const again = await trial(({ commit }) => commit("mended"), first.runDir);
    await again.run([words], [], { retry });
    expect(await readdir(elsewhere)).toEqual(["mended", "words 0", "words 1", "words 2"]);
  });

  test("finds damage in the parts that only the stage names still", async () => {
    const { runDir, catalog } = await partlyDoneAgain();
    const inspect = (): Promise<Inspection> =>
      inspectFiles(runDir, fileCommitStore(runDir), fileCheck(runDir));
    expect(await inspect()).toMatchObject({ files: 4, damage: [] });
    const path = join(runDir, catalog["words"]?.[0]?.path ?? "");
    await writeFile(path, "words X");
    expect((await inspect()).damage).toEqual([
      { path, fault: "its content is not what was written" },
    ]);
    const next = await trial(({ task, commit }) => commit(`mended ${task.index}`), runDir);
    await next.run([words], [], { retry, isRepair: true });
    expect(await inspect()).toMatchObject({ files: 3, damage: [] });
  });

  test("goes back to the old parts where a repair finds the manifest of the new ones cut", async () => {
    const first = await trial(withErrors);
    const catalog = await first.run([words]);
    const manifest = join(
      first.runDir,
      "manifests/words",
      `${taskSpecs(words, {})[1]?.key ?? ""}.json`,
    );
    await copyFile(manifest, `${manifest}.aside`); // a kill while it was done again
    await writeFile(manifest, '{"key');
    const refused = await trial(undefined, first.runDir);
    await expect(refused.run([words])).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining(manifest) as unknown,
    });
    const mended = await trial(undefined, first.runDir);
    expect(await mended.run([words], [], { isRepair: true })).toEqual(catalog);
    expect(mended.executor.handedOut).toEqual([]);
    expect(await readFile(`${manifest}.damaged`, "utf8")).toBe('{"key');
  });

  test("keeps the whole of a stage readable when only some of its tasks have been done again", async () => {
    const { runDir, catalog, failing } = await partlyDoneAgain();
    // A later start cleans up; the complete stage is read until it is complete again.
    await expect(failing.run([words], [], { retry })).rejects.toThrow("no server");
    expect(catalogOf(await readStageManifests(runDir))).toEqual(catalog);
    for (const { path } of catalog["words"] ?? []) await access(join(runDir, path));
    const next = await trial(({ task, commit }) => commit(`mended ${task.index}`), runDir);
    await next.run([words], [], { retry });
    expect(next.executor.handedOut).toEqual(["words 1", "words 2"]);
    expect(await readdir(join(runDir, "tables/words"))).toEqual([
      ...["mended", "mended 1", "mended 2"],
    ]);
  });

  test("asks the stage whether its parts are of use, done now or before, and does not complete it when not", async () => {
    const check = (parts: readonly FileRef[]): void => {
      if (parts.length === 3) throw new FlowError("TOO_MANY_ERRORS", "no use");
    };
    const first = await trial();
    await expect(first.run([{ ...words, check }])).rejects.toThrow("no use");
    expect(await readStageManifests(first.runDir)).toEqual([]);
    const again = await trial(undefined, first.runDir);
    await expect(again.run([{ ...words, check }])).rejects.toThrow("no use");
    expect(again.executor.handedOut).toEqual([]);
    await again.run([{ ...words, check: () => undefined }]);
    expect(await readStageManifests(first.runDir)).toHaveLength(1);
  });
});
