import { makeFolderIn } from "../base/files/folder-in.ts";
import { checkpointPath } from "../flow/checkpoints.ts";
import type { RunTask } from "../flow/task.ts";
import { createBatcher } from "./data/batcher.ts";
import { cutNotes } from "./data/item-features.ts";
import { fileCheckpoint } from "./loop/checkpoint.ts";
import { createEngine } from "./engine/create-engine.ts";
import type { CreateEngine, Engine } from "./engine/engine.ts";
import { modelDefinition } from "./engine/model-definition.ts";
import { engineRequest, modelShape } from "./engine/engine-request.ts";
import { writeInferenceModel } from "./export/write-inference-model.ts";
import { trainModel } from "./loop/train-model.ts";
import { modelFolder } from "./loop/model-folder.ts";
import { trainRuntime } from "./settings.ts";
import { trainParams, trialConfig, userFeaturesOf } from "./train-tasks.ts";
import { loadTrainingData } from "./data/training-data.ts";
import { memoryBudget, unlimitedMemory } from "../base/memory-budget.ts";
import { modelNeed } from "./engine/model-memory.ts";
import { modelName, type Protocol, type Selection } from "../base/terms.ts";
import { writeTrainingTables } from "./loop/training-tables.ts";
import { namedTensors, writeModel } from "./loop/write-model.ts";

/** The split that chooses the epoch under each protocol. */
const selectionOf = {
  leakfree: "valid",
  reference: "test",
  paper: "last",
} as const satisfies Record<Protocol, Selection>;

/**
 * Creates the train task for an engine: it trains one model of the grid and scores the test rows.
 *
 * Config: `trainTaskConfig`; params: `trainParams`. Reads samples, items and its variant's vectors from user_embeddings and
 * item_embeddings or user_stats and item_stats. Writes training_log, results and predictions, and model.safetensors, model.onnx and
 * model.json into the model's folder. With one thread, everything but wall times depends only on the seed, however often the task
 * was stopped and resumed.
 */
export function createTrainTask(engineFor: CreateEngine): RunTask {
  return async (task, context) => {
    const start = performance.now();
    const params = trainParams.parse(task.params);
    const { train, protocol } = trialConfig(task.config, params);
    const { checkpointEveryS } = trainRuntime.parse(task.runtime ?? {});
    const { backbone, variant, trial, seed, deal = "own" } = params;
    const settings = {
      ...train,
      history: params.history ?? train.history,
      ...(params.connectorWeights && { connectorWeights: params.connectorWeights }),
    };
    const name = modelName(params);
    const budget =
      context.memory === undefined
        ? unlimitedMemory
        : memoryBudget(context.memory, "runtime.threads");
    const data = await loadTrainingData(task, context, {
      settings,
      budget,
      userFeatures: userFeaturesOf(settings, params),
      deal,
      seed,
    });
    const notes = cutNotes(data.items.cut, settings);
    if (notes.length > 0) context.progress({ rowsDone: 0, notes });
    let engine: Engine | undefined;
    try {
      const shape = modelShape(data, settings);
      const { threads } = context;
      const request = engineRequest({ settings, shape, backbone, seed, threads });
      if (budget !== unlimitedMemory) budget.take(modelNeed(request));
      const definition = modelDefinition(request);
      engine = await engineFor({ ...request, ...definition });
      const { items, samples, userFeatures, knowledge } = data;
      const { batchSize } = settings;
      const { history, isWeighted } = samples;
      const selection = selectionOf[protocol];
      const trained = await trainModel({
        engine,
        batcher: createBatcher({
          batchSize,
          history,
          items,
          isWeighted,
          ...(userFeatures && { userFeatures }),
          ...(knowledge && { knowledge }),
        }),
        samples,
        settings,
        selection,
        seed,
        name,
        context,
        checkpoint: fileCheckpoint({
          runDir: context.runDir,
          path: checkpointPath(context.runDir, task, ".safetensors"),
          taskKey: task.key,
          everyMs: checkpointEveryS * 1000,
          onIgnored: (reason) => {
            context.progress({ rowsDone: 0, detail: { model: name, "starts afresh": reason } });
          },
        }),
      });
      const { parameterCount } = engine;
      const seconds = trained.secondsBefore + (performance.now() - start) / 1000;
      const outcome = {
        ...{ params, data, trained, selection },
        ...{ engine: settings.engine, parameterCount, seconds },
      };
      const taskKey = task.key;
      const tensors = namedTensors(engine.tensors, await engine.snapshot());
      const folder = modelFolder(context.runDir, params, taskKey);
      await makeFolderIn(context.runDir, folder);
      await writeModel(folder, tensors, {
        ...{ backbone, variant, trial: String(trial), seed: String(seed), protocol },
        ...{ form: settings.form, epoch: String(trained.bestEpoch), engine: settings.engine },
      });
      await writeInferenceModel(folder, {
        ...{ tensors, outcome, definition, settings, protocol, taskKey },
      });
      return await writeTrainingTables(outcome, context);
    } finally {
      await engine?.close();
      data.samples.close();
    }
  };
}

/** Trains one model on the engine named in its settings; see {@link createTrainTask}. */
export const train = createTrainTask(createEngine);
