/** @file Brings the run folder that is its first argument to stage `samples`, with the settings that are its others. */
import { join } from "node:path";
import { localExecutor } from "../../src/flow/executors/local/local-executor.ts";
import { runStages } from "../../src/flow/run-stages.ts";
import { parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import { stagesOf } from "../../src/pipeline/stages.ts";

const [, , runDir = "", ...overrides] = process.argv;
const all = (await stagesOf(parsePipeline("", "test", overrides))).map(({ def }) => def);
const stages = all.filter(({ name }) => ["ingest", "cuts", "samples"].includes(name));
const executor = localExecutor({
  runDir,
  cacheDir: join(runDir, "cache"),
  threads: 2,
  memoryMb: 512,
});
const signal = new AbortController().signal;
await runStages({ runDir, stages, executor, signal, onEvent: () => undefined });
await executor.close();
