import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileCheckpoint, type TrainingState } from "../../../src/train/loop/checkpoint.ts";
import type { Engine } from "../../../src/train/engine/engine.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

/** Holds numbers and computes nothing. */
function heldNumbers(names = ["w", "b"]): Engine & { readonly held: Record<string, number[]> } {
  const held: Record<string, number[]> = { model: [0, 0, 0], first: [0, 0], second: [0, 0] };
  const floats = (name: string): Float32Array => Float32Array.from(held[name] ?? []);
  let steps = 0;
  const never = (): never => {
    throw new Error("not asked to compute");
  };
  return {
    held,
    parameterCount: 2,
    tensors: [
      { name: names[0] ?? "", shape: [2], kind: "parameter" },
      { name: names[1] ?? "", shape: [1], kind: "buffer" },
    ],
    step: never,
    predict: never,
    snapshot: () => Promise.resolve(floats("model")),
    restore: (values) => {
      held["model"] = [...values];
      return Promise.resolve();
    },
    optimizerState: () =>
      Promise.resolve({
        steps,
        firstMoments: floats("first"),
        secondMoments: floats("second"),
      }),
    restoreOptimizer: (state) => {
      ({ steps } = state);
      held["steps"] = [steps];
      held["first"] = [...state.firstMoments];
      held["second"] = [...state.secondMoments];
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

const state: TrainingState = {
  progress: {
    log: [
      {
        epoch: 1,
        trainLoss: 0.1 + 0.2,
        validAuc: 2 / 3,
        validLogLoss: 0.7,
        testAuc: null,
        testLogLoss: null,
        learningRate: 1e-3,
        seconds: 1.5,
        rowsPerS: 1000,
      },
    ],
    steps: 2,
    lossSum: 1 / 3,
    weightSum: 40,
    seconds: 0.25,
    trainSeconds: null,
    best: { epoch: 1, quality: 2 / 3 },
  },
  bestModel: Float32Array.of(0.1, 0.2, 0.3),
};

async function saved(): Promise<{ readonly path: string }> {
  const path = join(await scratchFolder(), "checkpoints", "train", "key.safetensors");
  const engine = heldNumbers();
  await engine.restore(Float32Array.of(1, 2, 3));
  await engine.restoreOptimizer({
    steps: 7,
    firstMoments: Float32Array.of(4, 5),
    secondMoments: Float32Array.of(6, 7),
  });
  await at(path).checkpoint.save(engine, state);
  return { path };
}

function at(path: string, taskKey = "key") {
  const ignored: string[] = [];
  const onIgnored = (reason: string) => ignored.push(reason);
  const runDir = dirname(dirname(dirname(path)));
  return { ignored, checkpoint: fileCheckpoint({ runDir, path, taskKey, everyMs: 1, onIgnored }) };
}

describe("fileCheckpoint", () => {
  test("gives back all that it was given, to the last bit, and leaves one file", async () => {
    const { path } = await saved();
    const engine = heldNumbers();
    const { checkpoint, ignored } = at(path);
    expect(await checkpoint.load(engine)).toEqual(state);
    expect(engine.held).toEqual({ model: [1, 2, 3], first: [4, 5], second: [6, 7], steps: [7] });
    expect(ignored).toEqual([]);
    expect(await readdir(dirname(path))).toEqual(["key.safetensors"]);
  });

  test("before the first choice there is no best model", async () => {
    const { path } = await saved();
    const { checkpoint } = at(path);
    const early = { progress: { ...state.progress, log: [], best: null } };
    await checkpoint.save(heldNumbers(), early);
    expect(await checkpoint.load(heldNumbers())).toEqual(early);
  });

  test("without a file there is nothing to go on from, and nothing to say", async () => {
    const { checkpoint, ignored } = at(join(await scratchFolder(), "none.safetensors"));
    expect(await checkpoint.load(heldNumbers())).toBeUndefined();
    expect(ignored).toEqual([]);
  });

  test("ignores a file with any one byte changed or any of its end missing, and says so", async () => {
    const { path } = await saved();
    const whole = await readFile(path);
    const broken = join(dirname(path), "broken.safetensors");
    const { checkpoint, ignored } = at(broken);
    const files = [];
    for (let place = 0; place < whole.length; place += 7) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(whole.readUInt8(place) ^ 0x10, place);
      files.push(changed, whole.subarray(0, place));
    }
    for (const file of files) {
      await writeFile(broken, file);
      const engine = heldNumbers();
      const found = await checkpoint.load(engine);
      // A changed byte of the padding changes nothing.
      if (found !== undefined) expect(found).toEqual(state);
      else expect(engine.held["model"]).toEqual([0, 0, 0]);
    }
    expect(ignored.length).toBeGreaterThan(files.length - 5);
    expect(ignored.every((reason) => reason.startsWith(`${broken}: `))).toBe(true);
  });

  test.each([
    ["belongs to another task", "other key", heldNumbers()],
    ["of a model with other parameters", "key", heldNumbers(["w", "c"])],
  ])("ignores what %s", async (reason, taskKey, engine) => {
    const { path } = await saved();
    const { checkpoint, ignored } = at(path, taskKey);
    expect(await checkpoint.load(engine)).toBeUndefined();
    expect(ignored).toEqual([`${path}: ${reason}`]);
    expect(engine.held["model"]).toEqual([0, 0, 0]);
  });
});
