import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { fileCommitStore } from "../../src/flow/manifest.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import { sha256 } from "../../src/base/sha256.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { stageOf } from "./stage-of.ts";
import { trial, words, counts, report } from "./scripted-run.ts";

describe("runStages on a damaged run", () => {
  const finished = async (): Promise<string> => {
    const { runDir, run } = await trial(({ task, commit }) =>
      commit(`${task.stage} ${task.index}`),
    );
    await run([words, counts, report]);
    return runDir;
  };
  const damage = (runDir: string, path: string, text: string): Promise<void> =>
    writeFile(join(runDir, path), text);

  test("refuses a part of another content as soon as a task is to read it", async () => {
    const runDir = await finished();
    await damage(runDir, "tables/words/words 1", "words X");
    const { executor, run } = await trial(undefined, runDir);
    await run([words, counts, report]); // nobody reads it
    await expect(run([words, { ...counts, config: { min: 2 } }])).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringMatching(
        /words 1: its content is not what was written\. .*--repair/,
      ) as unknown,
    });
    expect(executor.handedOut).toEqual([]);
  });

  test("repairs a part of another content: its task and what may have read it run again", async () => {
    const runDir = await finished();
    await damage(runDir, "tables/words/words 1", "words X");
    const { executor, events, run } = await trial(undefined, runDir);
    await run([words, counts, report], [], { isRepair: true });
    // These manifests do not say what was read, so the whole of the next stages is redone.
    expect(executor.handedOut).toEqual(["words 1", "counts 0", "counts 1", "counts 2", "report 0"]);
    expect(events[0]).toEqual({
      kind: "note",
      text: `${runDir}/tables/words/words 1: its content is not what was written; what wrote it runs again`,
    });
    const again = await trial(undefined, runDir);
    await again.run([words, counts, report], [], { isRepair: true });
    expect(again.executor.handedOut).toEqual([]);
  });

  test("repairs only readers of the part where manifests say what was read", async () => {
    const runDir = await finished();
    const store = fileCommitStore(runDir);
    for (const manifest of await store.all()) {
      const read = {
        counts: [`words ${manifest.index}`],
        report: ["counts 0", "counts 1", "counts 2"],
      };
      const reads = Object.entries(read).find(([stage]) => stage === manifest.stage)?.[1] ?? [];
      const path = join(runDir, "manifests", manifest.stage, `${manifest.key}.json`);
      const digests = reads.map((content) => sha256(content).slice(0, 12));
      await writeFile(path, JSON.stringify({ ...manifest, reads: digests }));
    }
    await damage(runDir, "tables/words/words 1", "words X");
    const { executor, run } = await trial(undefined, runDir);
    await run([words, counts, report], [], { isRepair: true });
    expect(executor.handedOut).toEqual(["words 1", "counts 1", "report 0"]);
  });

  test("repairs a missing part without its readers, who cannot have read anything else", async () => {
    const runDir = await finished();
    await rm(join(runDir, "tables/words/words 1"));
    const refused = await trial(undefined, runDir);
    await expect(refused.run([words])).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining("words 1: it is missing") as unknown,
    });
    const { executor, run } = await trial(undefined, runDir);
    await run([words, counts, report], [], { isRepair: true });
    expect(executor.handedOut).toEqual(["words 1"]);
  });

  test.each(["manifests/words/$KEY.json", "stages/words.json"])(
    "sets a manifest aside that cannot be read (%s)",
    async (name) => {
      const runDir = await finished();
      const [task] = taskSpecs(words, {});
      const path = name.replace("$KEY", task?.key ?? "");
      await damage(runDir, path, '{"key": "');
      await expect((await trial(undefined, runDir)).run([words])).rejects.toMatchObject({
        code: "RUN_INVALID",
        message: expect.stringContaining(path) as unknown,
      });
      const { executor, run } = await trial(undefined, runDir);
      await run([words, counts, report], [], { isRepair: true });
      expect(executor.handedOut).toEqual(name.startsWith("stages") ? [] : ["words 0"]);
      expect(await readFile(join(runDir, `${path}.damaged`), "utf8")).toBe('{"key": "');
    },
  );

  test("does a task again whose files beside the tables are missing", async () => {
    const models = stageOf({ name: "models", artifacts: () => ["models/a/model.bin"] });
    const runDir = await scratchFolder();
    const { run } = await trial(undefined, runDir);
    await mkdir(join(runDir, "models/a"), { recursive: true });
    await damage(runDir, "models/a/model.bin", "weights");
    await run([models]);
    const kept = await trial(undefined, runDir);
    await kept.run([models]);
    expect(kept.executor.handedOut).toEqual([]);
    await rm(join(runDir, "models"), { recursive: true });
    const again = await trial(undefined, runDir);
    await again.run([models]);
    expect(again.executor.handedOut).toEqual(["models 0"]);
    expect(again.events[0]).toEqual({
      kind: "note",
      text: `${runDir}/models/a/model.bin: it is missing; its task runs again`,
    });
  });

  test("stops when the run folder is moved away, and begins nothing in its place", async () => {
    const { runDir, run } = await trial(async ({ commit }) => {
      await rename(runDir, `${runDir}-moved`);
      onTestFinished(() => rm(`${runDir}-moved`, { recursive: true }));
      await commit().catch(() => undefined);
      await rm(runDir, { recursive: true, force: true }); // what the test itself has begun
    });
    await expect(run([words])).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining(
        "is no longer there: it was moved, renamed or deleted",
      ) as unknown,
    });
  });
});
