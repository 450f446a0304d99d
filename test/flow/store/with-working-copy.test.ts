import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FlowError } from "../../../src/base/errors.ts";
import { folderStore } from "../../../src/flow/store/folder-store.ts";
import { takeLease } from "../../../src/flow/store/run-lease.ts";
import type { RunStore } from "../../../src/flow/store/run-store.ts";
import { withWorkingCopy, type WorkOptions } from "../../../src/flow/store/with-working-copy.ts";
import { eventually } from "../../util/eventually.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { failure, keysOf, textOf } from "./contract.ts";

async function optionsOf(
  mode: WorkOptions["mode"],
): Promise<WorkOptions & { readonly notes: readonly string[] }> {
  const notes: string[] = [];
  return {
    ...{ wanted: { named: () => true }, mode, flushMs: 20, notes },
    ...{ cacheDir: join(await scratchFolder(), "cache"), cacheBytes: 1e9 },
    onNote: (text) => void notes.push(text),
  };
}

async function newStore(): Promise<RunStore> {
  const root = join(await scratchFolder(), "tiny");
  await mkdir(root);
  return folderStore(root);
}

describe("withWorkingCopy", () => {
  test("brings nothing to the store where a run is only read, and removes the copy", async () => {
    const [store, options] = [await newStore(), await optionsOf("read")];
    await store.put("pipeline.yaml", "name: tiny");
    await withWorkingCopy(store, options, ({ dir }) => writeFile(join(dir, "results.json"), "{}"));
    expect(await keysOf(store, "")).toEqual(["pipeline.yaml"]);
    expect(await readdir(join(options.cacheDir, "copies"))).toEqual([]);
  });

  test("brings what was written to the store in the end, also after an error", async () => {
    const [store, options] = [await newStore(), await optionsOf("write")];
    const failed = withWorkingCopy(store, options, async ({ dir }) => {
      await writeFile(join(dir, "results.json"), "{}");
      throw new FlowError("RUN_INVALID", `${join(dir, "stages")}: damaged`);
    });
    // Named by its place: the copy is gone.
    await expect(failed).rejects.toEqual(
      failure("RUN_INVALID", new RegExp(`^${store.name}/stages: damaged$`)),
    );
    expect(await keysOf(store, "")).toEqual(["results.json"]);
  });

  test("brings what a process writes to the store while it works", async () => {
    const [store, options] = [await newStore(), await optionsOf("work")];
    await withWorkingCopy(store, options, async ({ dir }) => {
      await mkdir(join(dir, "checkpoints"));
      await writeFile(join(dir, "checkpoints", "a"), "epoch 1");
      await eventually(async () => {
        expect(textOf(await store.get("checkpoints/a"))).toBe("epoch 1");
      });
    });
  });

  test("stops the work once nothing can be brought to the store", async () => {
    const [inner, options] = [await newStore(), await optionsOf("work")];
    const full = new FlowError("STORE_FAILED", "the store is full");
    const store: RunStore = { ...inner, put: () => Promise.reject(full) };
    const work = withWorkingCopy(store, options, async ({ dir }, stop) => {
      await writeFile(join(dir, "results.json"), "{}");
      await eventually(() => {
        expect(stop.aborted).toBe(true);
      });
      throw new FlowError("INTERRUPTED", "interrupted");
    });
    await expect(work).rejects.toBe(full);
  });

  test("lets one process at a time drive a run", async () => {
    const [store, options] = [await newStore(), await optionsOf("drive")];
    await withWorkingCopy(store, options, async () => {
      await expect(takeLease(store)).rejects.toMatchObject({ code: "RUN_LOCKED" });
    });
    expect(await keysOf(store, "")).toEqual([]);
  });

  test("stops a driver whose run another process has taken over", async () => {
    const [store, options] = [await newStore(), await optionsOf("drive")];
    const work = withWorkingCopy(store, { ...options, beatMs: 20 }, async (_, stop) => {
      await store.put("lock/0000000009.json", "{}");
      await eventually(() => {
        expect(stop.aborted).toBe(true);
      });
    });
    await expect(work).rejects.toEqual(failure("RUN_LOCKED", /has taken over/));
  });
});
