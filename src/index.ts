/** @file What r4ec offers as a library. The command line is made of the same parts. */
export { FlowError, SqlError, type FlowErrorCode } from "./base/errors.ts";

export type { Json } from "./base/json.ts";
export type { RunEvent } from "./flow/run-event.ts";
export type { Catalog, StageDef, TaskPlan } from "./flow/stage.ts";
export type {
  FileRef,
  RunTask,
  TaskContext,
  TaskProgress,
  TaskSpec,
  WrittenFile,
} from "./flow/task.ts";
export type { Executor, TaskEvent } from "./flow/executor.ts";
export { localExecutor, type LocalExecutorOptions } from "./flow/executors/local/local-executor.ts";
export { runStages, type RunStagesOptions } from "./flow/run-stages.ts";

export { tableSchemas, type Column, type TableSchema } from "./tables/schemas/index.ts";
export { openDatabase, type Database, type Row, type SqlParams } from "./tables/database.ts";
export { readBatches, type ReadOptions } from "./tables/read-batches.ts";
export { writeBatches } from "./tables/write-batches.ts";

export { openEncoder, type EncodedTexts, type Encoder } from "./encode/model/encoder.ts";
export { bundledEncoderFolder } from "./encode/model/bundled-encoder.ts";
export { createEngine } from "./train/engine/create-engine.ts";
export { createOnnxEngine } from "./train/engine/onnx-engine.ts";
export { createTfjsEngine } from "./train/tfjs/tfjs-engine.ts";
export type { Batch, CreateEngine, Engine, EngineRequest } from "./train/engine/engine.ts";
export type { ModelShape } from "./models/model.ts";

export { loadPipeline, parsePipeline } from "./pipeline/load-pipeline.ts";
export { runPipeline, type RunPipelineOptions } from "./pipeline/run-pipeline.ts";
export type { PipelineSettings } from "./pipeline/settings.ts";
export { type PipelineStage, type StageName } from "./pipeline/pipeline-stage.ts";
export { stagesOf } from "./pipeline/stages.ts";
export type { RunResults } from "./report/run-results.ts";
