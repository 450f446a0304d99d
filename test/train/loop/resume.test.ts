import { spawn } from "node:child_process";
import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkpointPath, dropCheckpoints } from "../../../src/flow/checkpoints.ts";
import { runTask } from "../../../src/flow/run-task.ts";
import type { Catalog } from "../../../src/flow/stage.ts";
import type { TaskContext, TaskSpec, WrittenFile } from "../../../src/flow/task.ts";
import type { Row } from "../../../src/tables/database.ts";
import type { Engine } from "../../../src/train/engine/engine.ts";
import { modelFolder } from "../../../src/train/loop/model-folder.ts";
import { createOnnxEngine } from "../../../src/train/engine/onnx-engine.ts";
import { createTrainTask } from "../../../src/train/train-task.ts";
import { train } from "../../../src/train/train-task.ts";
import { openRunFolder, toRef, type RunFolder } from "../run-folder.ts";
import { smallSteps, smallTask } from "./resume-run.ts";

let run: RunFolder;
/** Checkpoints after every step, so that a kill costs the one step that was not noted. */
let task: TaskSpec;
let whole: Awaited<ReturnType<typeof contentOf>>;

/** What a task made: tables without wall times, and the model. */
async function contentOf(files: readonly WrittenFile[]) {
  const tables: Catalog = Object.fromEntries(files.map((file) => [file.table, [toRef(run, file)]]));
  await run.mount(tables);
  const rows = (sql: string): Promise<readonly Row[]> => run.db.rows(sql);
  const folder = modelFolder(
    run.context.runDir,
    { backbone: "dcn", variant: "base", trial: 0, seed: 3 },
    task.key,
  );
  return {
    log: await rows("select * exclude (seconds, rows_per_s) from training_log order by epoch"),
    result: await rows("select * exclude (seconds) from results"),
    predictions: await rows("select * from predictions order by all"),
    model: await readFile(join(folder, "model.safetensors"), "hex"),
  };
}

/** The train task, on an engine that does something after each step and before each batch is scored. */
function watched(onStep: (steps: number) => void, onPredict: (batches: number) => void) {
  let [steps, batches] = [0, 0];
  const task = createTrainTask(async (request) => {
    const engine = await createOnnxEngine(request);
    return {
      ...engine,
      step: async (...args: Parameters<Engine["step"]>) => {
        const loss = await engine.step(...args);
        onStep(++steps);
        return loss;
      },
      predict: (batch) => {
        onPredict(++batches);
        return engine.predict(batch);
      },
    };
  });
  return { task, steps: () => steps };
}

class Killed extends Error {}
const kill = (): never => {
  throw new Killed("as by SIGKILL");
};
const nothing = (): void => undefined;

describe.each([
  ["on rows in memory", {}],
  ["on rows read from disk in passing, 32 at a time", { memoryRows: 64 }],
])("train, stopped and run again, %s", { timeout: 300_000 }, (_where, changes) => {
  beforeAll(async () => {
    run = await openRunFolder();
    task = { ...(await smallTask(run, changes)), runtime: { checkpointEveryS: 1e-9 } };
    whole = await contentOf(await train(task, run.context));
  });
  afterAll(() => run.close());
  beforeEach(() => dropCheckpoints(run.context.runDir, task.stage, () => false));

  test.each([
    ["in the first epoch", 2],
    ["at the last step of an epoch", smallSteps.anEpoch],
    ["at the first step of an epoch", smallSteps.anEpoch + 1],
    ["in the third epoch", 2 * smallSteps.anEpoch + 4],
    ["at the very last step", smallSteps.inAll],
  ])("killed %s it goes on from its last note, to the same bits", async (_when, at) => {
    const killed = watched((step) => {
      if (step === at) kill();
    }, nothing);
    await expect(killed.task(task, run.context)).rejects.toThrow(Killed);
    const resumed = watched(nothing, nothing);
    expect(await contentOf(await resumed.task(task, run.context))).toEqual(whole);
    expect(resumed.steps()).toBe(smallSteps.inAll - (at - 1));
  });

  test("killed again and again, it arrives", async () => {
    for (let life = 1; life <= 5; life++) {
      const killed = watched((step) => {
        if (step === 5) kill();
      }, nothing);
      await expect(killed.task(task, run.context)).rejects.toThrow(Killed);
    }
    const last = watched(nothing, nothing);
    expect(await contentOf(await last.task(task, run.context))).toEqual(whole);
    expect(last.steps()).toBe(smallSteps.inAll - 5 * 4);
  });

  // Two batches of valid rows an epoch; the test rows come after the eighth.
  test.each([
    ["while an epoch is measured", 3],
    ["while the test rows are scored", 10],
  ])("killed %s it trains no noted step again", async (_when, at) => {
    const killed = watched(nothing, (batch) => {
      if (batch === at) kill();
    });
    await expect(killed.task(task, run.context)).rejects.toThrow(Killed);
    const resumed = watched(nothing, nothing);
    expect(await contentOf(await resumed.task(task, run.context))).toEqual(whole);
    expect(killed.steps() + resumed.steps()).toBe(smallSteps.inAll);
  });

  test("within the interval only ends of epochs are noted, and an abort notes where it stopped", async () => {
    const rarely = { ...task, runtime: { checkpointEveryS: 3600 } };
    const stopAt = async (at: number, stop: (abort: AbortController) => void): Promise<number> => {
      const abort = new AbortController();
      const stopped = watched((step) => {
        if (step === at) stop(abort);
      }, nothing);
      const context: TaskContext = { ...run.context, signal: abort.signal };
      await expect(stopped.task(rarely, context)).rejects.toThrow();
      return stopped.steps();
    };
    expect(await stopAt(smallSteps.anEpoch + 3, kill)).toBe(smallSteps.anEpoch + 3);
    // The first epoch is kept; of the second, two steps are taken and kept.
    const abort = (controller: AbortController): void => {
      controller.abort();
    };
    expect(await stopAt(2, abort)).toBe(2);
    const resumed = watched(nothing, nothing);
    expect(await contentOf(await resumed.task(task, run.context))).toEqual(whole);
    expect(resumed.steps()).toBe(smallSteps.inAll - smallSteps.anEpoch - 2);
  });

  test("a checkpoint that is damaged is passed over, and said so", async () => {
    const killed = watched((step) => {
      if (step === 9) kill();
    }, nothing);
    await expect(killed.task(task, run.context)).rejects.toThrow(Killed);
    const bytes = await readFile(checkpointFile());
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
    await writeFile(checkpointFile(), bytes);
    const afresh = watched(nothing, nothing);
    expect(await contentOf(await afresh.task(task, run.context))).toEqual(whole);
    expect(afresh.steps()).toBe(smallSteps.inAll);
    expect(run.progress.map(({ detail }) => detail?.["starts afresh"])).toContainEqual(
      `${checkpointFile()}: damaged`,
    );
  });

  test("a process killed by the system goes on too, and the runtime clears up", async () => {
    const spec = join(run.context.runDir, "task.json");
    await writeFile(spec, JSON.stringify({ task, runDir: run.context.runDir }));
    const script = fileURLToPath(new URL("./run-task.fixture.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", script, spec]);
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.on("close", (_code, signal) => {
        resolve(signal);
      });
    });
    while (child.exitCode === null && !(await exists(checkpointFile()))) await delay(1);
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    expect(await exists(checkpointFile())).toBe(true);
    const { files } = await runTask(task, run.context);
    const written = files.map((file) => ({ ...file, path: join(run.context.runDir, file.path) }));
    expect(await contentOf(written)).toEqual(whole);
    expect(await exists(checkpointFile())).toBe(false);
  });
});

function checkpointFile(): string {
  return checkpointPath(run.context.runDir, task, ".safetensors");
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
