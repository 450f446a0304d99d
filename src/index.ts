/**
 * @file r4ec as a library. The command line is built from the same parts; examples/run-pipeline.ts shows the usual way in.
 */

// Errors: every expected failure is a FlowError with a stable code.
export { FlowError, SqlError, type FlowErrorCode } from "./base/errors.ts";

// Pipelines: settings from a YAML file or text, a whole run, and what its report says.
export { loadPipeline, parsePipeline } from "./pipeline/load-pipeline.ts";
export { runPipeline, type RunPipelineOptions } from "./pipeline/run-pipeline.ts";
export type { PipelineSettings } from "./pipeline/settings.ts";
export { type PipelineStage, type StageName } from "./pipeline/pipeline-stage.ts";
export { stagesOf } from "./pipeline/stages.ts";
export type { RunResults } from "./report/run-results.ts";

// Dataflow: stages of tasks that commit Parquet files, and executors that run them. Knows nothing about recommenders.
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
export type { Executor, ExecutorSite, TaskEvent } from "./flow/executor.ts";
export { localExecutor, type LocalExecutorOptions } from "./flow/executors/local/local-executor.ts";
export { runStages, type RunStagesOptions } from "./flow/run-stages.ts";

// Tables: every table's schema, DuckDB, and Arrow record batches in and out of it.
export { tableSchemas, type Column, type TableSchema } from "./tables/schemas/index.ts";
export { openDatabase, type Database, type Row, type SqlParams } from "./tables/database.ts";
export { readBatches, type ReadOptions } from "./tables/read-batches.ts";
export { writeBatches } from "./tables/write-batches.ts";

// Encoders: vectors of texts, with the bundled encoder or a folder of model.onnx, tokenizer.json and config.json.
export { openEncoder, type EncodedTexts, type Encoder } from "./encode/model/encoder.ts";
export { bundledEncoderFolder } from "./encode/model/bundled-encoder.ts";

// Training: engines that train a CTR model on batches; createEngine picks one by its name.
export { createEngine } from "./train/engine/create-engine.ts";
export { createOnnxEngine } from "./train/engine/onnx-engine.ts";
export { createTfjsEngine } from "./train/tfjs/tfjs-engine.ts";
export type { Batch, CreateEngine, Engine, EngineRequest } from "./train/engine/engine.ts";
export type { Backbone, Connector, ModelInputs, ModelScope, ModelShape } from "./models/model.ts";
