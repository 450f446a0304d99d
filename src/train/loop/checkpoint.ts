/** @file The whole state of training in one file, to resume from after a kill as if nothing had happened. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { nullIfMissing } from "../../base/files/durable-file.ts";
import { replaceFileIn } from "../../base/files/folder-in.ts";
import type { Engine } from "../engine/engine.ts";
import type { OptimizerState } from "../../optim/adam-options.ts";
import { elements } from "../../base/element-count.ts";
import {
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type Safetensors,
} from "../../optim/safetensors.ts";
import { trainingProgress, type TrainingProgress } from "./training-progress.ts";

/** The state of training that is not in the engine. */
export interface TrainingState {
  readonly progress: TrainingProgress;
  /** The engine's snapshot after the best epoch so far; absent if there is none. */
  readonly bestModel?: Float32Array;
}

/** Where training saves its state. */
export interface Checkpoint {
  /** Time between saves within an epoch; each epoch's end is saved as well. */
  readonly everyMs: number;
  /** Restores the last saved state into a fresh engine; undefined, with the engine unchanged, if there is none. */
  readonly load: (engine: Engine) => Promise<TrainingState | undefined>;
  readonly save: (engine: Engine, state: TrainingState) => Promise<void>;
}

export interface FileCheckpointOptions {
  /** The run folder, which must be there whenever the state is saved. Absolute. */
  readonly runDir: string;
  /** Absolute. */
  readonly path: string;
  /** Key of the task; checkpoints of other tasks are ignored. */
  readonly taskKey: string;
  readonly everyMs: number;
  /** Called with the reason when a checkpoint file cannot be used. */
  readonly onIgnored: (reason: string) => void;
}

/** A checkpoint in a safetensors file, replaced atomically on each save. */
export function fileCheckpoint(options: FileCheckpointOptions): Checkpoint {
  const { runDir, path, taskKey, everyMs, onIgnored } = options;
  return {
    everyMs,
    load: async (engine) => {
      const bytes = await readFile(path).catch(nullIfMissing);
      if (bytes === null) return undefined;
      try {
        const { model, optimizer, state } = unpack(decodeSafetensors(bytes, path), engine, options);
        await engine.restore(model);
        await engine.restoreOptimizer(optimizer);
        return state;
      } catch (error) {
        if (!(error instanceof FlowError)) throw error;
        onIgnored(error.message);
        return undefined;
      }
    },
    save: async (engine, state) => {
      const model = await engine.snapshot();
      const packed = pack(taskKey, engine, model, await engine.optimizerState(), state);
      await replaceFileIn(runDir, path, encodeSafetensors(packed));
    },
  };
}

const vector = (name: string, values: Float32Array): NamedTensor => ({
  name,
  shape: [values.length],
  values,
});

function pack(
  task: string,
  engine: Engine,
  model: Float32Array,
  { steps, firstMoments, secondMoments }: OptimizerState,
  { progress, bestModel }: TrainingState,
): Safetensors {
  const tensors = [
    vector("model", model),
    vector("firstMoments", firstMoments),
    vector("secondMoments", secondMoments),
    ...(bestModel === undefined ? [] : [vector("bestModel", bestModel)]),
  ];
  const note = JSON.stringify({ task, layout: layoutOf(engine), steps, progress });
  return { tensors, metadata: { note, sha256: digest(note, tensors) } };
}

const metadataSchema = z.object({ note: z.string(), sha256: z.string() });

const noteSchema = z.object({
  task: z.string(),
  layout: z.string(),
  steps: z.int().min(0),
  progress: trainingProgress,
});

function unpack(
  { tensors, metadata }: Safetensors,
  engine: Engine,
  { path, taskKey }: FileCheckpointOptions,
): {
  readonly model: Float32Array;
  readonly optimizer: OptimizerState;
  readonly state: TrainingState;
} {
  const invalid = (why: string): FlowError => new FlowError("INPUT_INVALID", `${path}: ${why}`);
  const about = metadataSchema.safeParse(metadata);
  if (!about.success) throw invalid("not a checkpoint of training");
  if (about.data.sha256 !== digest(about.data.note, tensors)) throw invalid("damaged");
  const note = noteSchema.safeParse(JSON.parse(about.data.note));
  if (!note.success) throw invalid("written by another version");
  const { task, layout, steps, progress } = note.data;
  if (task !== taskKey) throw invalid("belongs to another task");
  if (layout !== layoutOf(engine)) throw invalid("of a model with other parameters");
  const valuesOf = (name: string): Float32Array | undefined =>
    tensors.find((tensor) => tensor.name === name)?.values;
  const model = valuesOf("model");
  const firstMoments = valuesOf("firstMoments");
  const secondMoments = valuesOf("secondMoments");
  const bestModel = valuesOf("bestModel");
  if (model === undefined || firstMoments === undefined || secondMoments === undefined) {
    throw invalid("without all of its tensors");
  }
  return {
    model,
    optimizer: { steps, firstMoments, secondMoments },
    state: { progress, ...(bestModel && { bestModel }) },
  };
}

/** Names and sizes of the engine's tensors, which identify a snapshot's numbers. */
function layoutOf({ tensors }: Engine): string {
  return tensors.map(({ name, shape }) => `${name} ${elements(shape)}`).join(", ");
}

function digest(note: string, tensors: readonly NamedTensor[]): string {
  const hash = createHash("sha256").update(note);
  for (const { name, values } of tensors) hash.update(`\n${name}\n`).update(bytesOf(values));
  return hash.digest("hex");
}
