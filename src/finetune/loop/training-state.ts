/** @file The state of a training between two updates, in one safetensors file, to go on from after a kill as if nothing had happened. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { nullIfMissing } from "../../base/files/durable-file.ts";
import { replaceFileIn } from "../../base/files/folder-in.ts";
import type { Adam } from "../../optim/adam.ts";
import {
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
} from "../../optim/safetensors.ts";
import type { AdapterParameters } from "./adapter-parameters.ts";

const figure = z.number().nullable();

const epochLog = z.strictObject({
  epoch: z.int(),
  trainLoss: figure,
  validLoss: figure,
  steps: z.int(),
  tokens: z.int(),
  answerTokens: z.int(),
  seconds: z.number(),
});

const trainingState = z.strictObject({
  /** Finished epochs, with epoch 0 first. */
  epochs: z.array(epochLog),
  /** Updates done in the current epoch. */
  steps: z.int().min(0),
  /** Sum of the losses in the current epoch, nats. */
  lossSum: z.number(),
  /** Tokens that were predicted in it. */
  targets: z.int().min(0),
  tokens: z.int().min(0),
  /** Time spent in it. */
  seconds: z.number(),
  bestEpoch: z.int().min(0),
});

/** What is to be known of a training besides its numbers. */
export type TrainingState = z.output<typeof trainingState>;

/** A state before the first update. */
export const trainingStart: TrainingState = {
  epochs: [],
  steps: 0,
  lossSum: 0,
  targets: 0,
  tokens: 0,
  seconds: 0,
  bestEpoch: 0,
};

/** The numbers that a state is saved with. */
export interface TrainedNumbers {
  readonly parameters: AdapterParameters;
  readonly adam: Adam;
  /** All parameters after the best epoch so far. */
  readonly best: Float32Array;
}

const noteSchema = z.object({ training: z.string(), steps: z.int().min(0), state: trainingState });
const metadataSchema = z.object({ note: z.string(), sha256: z.string() });

/**
 * Saves a state, replacing the one before.
 *
 * @param training - Identity of the training: settings, base and rows
 */
export async function saveState(
  path: string,
  training: string,
  state: TrainingState,
  { parameters: { arena }, adam, best }: TrainedNumbers,
): Promise<void> {
  const tensors = [
    vector("parameters", arena.parameters.values),
    vector("firstMoments", arena.firstMoments.values),
    vector("secondMoments", arena.secondMoments.values),
    vector("best", best),
  ];
  const note = JSON.stringify({ training, steps: adam.steps(), state });
  const metadata = { note, sha256: digest(note, tensors) };
  await replaceFileIn(dirname(path), path, encodeSafetensors({ tensors, metadata }));
}

/** A state that was found, or why the file that is there is of no use. */
type FoundState =
  | { readonly kind: "state"; readonly state: TrainingState }
  | { readonly kind: "ignored"; readonly reason: string };

/** Restores the saved state into `numbers`; null, with them unchanged, where there is no file. */
export async function loadState(
  path: string,
  training: string,
  { parameters: { arena }, adam, best }: TrainedNumbers,
): Promise<FoundState | null> {
  const bytes = await readFile(path).catch(nullIfMissing);
  if (bytes === null) return null;
  const ignored = (reason: string): FoundState => ({
    kind: "ignored",
    reason: `${path}: ${reason}`,
  });
  try {
    const { tensors, metadata } = decodeSafetensors(bytes, path);
    const about = metadataSchema.safeParse(metadata);
    if (!about.success) return ignored("not the state of a training");
    if (about.data.sha256 !== digest(about.data.note, tensors)) return ignored("damaged");
    const note = noteSchema.safeParse(JSON.parse(about.data.note));
    if (!note.success) return ignored("written by another version");
    if (note.data.training !== training)
      return ignored("of a training with other settings or rows");
    const places = new Map([
      ["parameters", arena.parameters.values],
      ["firstMoments", arena.firstMoments.values],
      ["secondMoments", arena.secondMoments.values],
      ["best", best],
    ]);
    for (const { name, values } of tensors) places.get(name)?.set(values);
    adam.restore(note.data.steps);
    return { kind: "state", state: note.data.state };
  } catch (error) {
    if (error instanceof FlowError) return ignored(error.message);
    throw error;
  }
}

function vector(name: string, values: Float32Array): NamedTensor {
  return { name, shape: [values.length], values };
}

function digest(note: string, tensors: readonly NamedTensor[]): string {
  const hash = createHash("sha256").update(note);
  for (const { name, values } of tensors) hash.update(`\n${name}\n`).update(bytesOf(values));
  return hash.digest("hex");
}
