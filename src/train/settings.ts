import { z } from "zod";
import { selectionMetrics } from "../base/terms.ts";
import { backbones, type BackboneName } from "../models/backbones.ts";
import { connectors, type ConnectorName } from "../models/connectors.ts";
import { evolutionGrus } from "../models/backbones/dien.ts";
import { deviceFault, deviceNames, devices, engineNames } from "./engine/devices.ts";
import { gridSetting } from "./grid.ts";
import { variantSetting } from "./variants.ts";

export const backboneName = z.enum(Object.keys(backbones) as [BackboneName, ...BackboneName[]]);

/** Name of the user feature that is the user; the others are attributes. */
export const USER_ID = "id";

export const settingsWithoutGrid = z.strictObject({
  backbones: z
    .array(backboneName)
    .min(1)
    .default(["autoint", "dcn"])
    .describe(`CTR models to train: ${Object.keys(backbones).join(", ")}`),
  variants: z
    .array(variantSetting)
    .min(1)
    .default(["base", "r4ec"])
    .describe(
      "what models are given, all on the same rows. base: no knowledge. r4ec: the run's knowledge; r2ec, kar: the same by strategies reason and kar. " +
        "Controls: base+history (longHistory events), base+id (the user's id), base+stats (mean rating, count, like rate), " +
        "permuted (others' vectors), random (noise). { name, items, users }: vectors from files. { name, knowledge, encoder }: by another encoder. { name, permuted } or { name, random }: controls of any other.",
    ),
  connector: z
    .enum(Object.keys(connectors) as [ConnectorName, ...ConnectorName[]])
    .default("mlp")
    .describe(
      "what narrows a knowledge vector to the model's width: mlp = one MLP; moe = two experts with a gate, the same for users and items; hea = shared and own experts with gates",
    ),
  seeds: z
    .array(z.int().min(0).max(0x7fffffff))
    .min(1)
    .default([1, 2, 3])
    .describe("one model is trained a seed; it fixes initialisation and shuffling"),
  engine: z
    .enum(engineNames)
    .default("onnx")
    .describe(
      "what computes: onnx = ONNX Runtime, the fastest on a CPU; tfjs = TensorFlow.js, for GPUs, whose packages are installed apart",
    ),
  device: z
    .enum(deviceNames)
    .default("auto")
    .describe(
      `where it computes. onnx: ${devices.onnx.join(", ")}; auto = cpu. tfjs: ${devices.tfjs.join(", ")}; auto = the first of them that is installed and works`,
    ),
  batchSize: z.int().min(1).default(256).describe("rows a step"),
  learningRate: z.number().positive().default(1e-3).describe("AdamW's step size at the start"),
  schedule: z
    .enum(["cosine", "constant"])
    .default("cosine")
    .describe(
      "cosine = falls to 0 over the steps of all epochs; constant = stays, as the paper's public code does in effect",
    ),
  warmup: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("share of all steps over which the step size rises evenly from 0 before that"),
  weightDecay: z
    .number()
    .min(0)
    .default(0)
    .describe("AdamW: share of every parameter, times the step size, that a step takes away"),
  l2: z
    .number()
    .min(0)
    .default(0)
    .describe("λ of a penalty λ/2 Σ p² on all parameters, part of the gradients"),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe("share of the hidden units that a training step drops"),
  memoryRows: z
    .int()
    .min(16)
    .default(10_000_000)
    .describe(
      "most rows of samples in memory, about 20 + 8 x history bytes each. No more rows than this are shuffled as a whole. " +
        "Of more, each epoch reads random stretches from disk, half as many rows at a time, and shuffles these; " +
        "the order of rows follows from it, so it never depends on the machine",
    ),
  epochs: z.int().min(1).default(20).describe("passes over the training rows, at most"),
  patience: z
    .int()
    .min(1)
    .default(3)
    .describe("epochs without a better result before training stops; not used by protocol paper"),
  stopOn: z
    .enum(selectionMetrics)
    .default("auc")
    .describe(
      "what chooses the epoch and stops training: the highest AUC or the lowest log loss; not used by protocol paper",
    ),
  form: z
    .enum(["auto", "corrected", "reference"])
    .default("auto")
    .describe(
      "models and AdamW as published, or as the paper's public code computes them; auto = reference under protocol reference, else corrected",
    ),
  dien: z
    .strictObject({
      gru: z
        .enum(["auto", ...evolutionGrus])
        .default("auto")
        .describe(
          "what attention acts on: augru = update gates of the second GRU, aigru = its inputs, gru = its states; auto = aigru in the form reference, else augru",
        ),
      auxiliaryLoss: z
        .number()
        .min(0)
        .default(0)
        .describe("weight of the loss that tells a user's next event from another user's"),
    })
    .prefault({})
    .describe("of backbone dien alone"),
  embeddingDim: z.int().min(1).default(32).describe("numbers an id embedding has"),
  attributes: z
    .array(z.string().min(1))
    .default(["genre"])
    .describe("item attributes used as features; [] where the items have none"),
  attributeValues: z
    .enum(["auto", "all", "first"])
    .default("auto")
    .describe(
      "which of an item's several values of an attribute count: all, whose embeddings are averaged, or the first; auto = first under protocol reference, else all",
    ),
  userFeatures: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'what the model sees of a user besides the history: "id", or attributes of the table users, whose first value counts',
    ),
  history: z
    .union([z.literal("all"), z.int().min(1)])
    .default("all")
    .describe("last events the model sees of a user; all = as many as the samples hold"),
  longHistory: z
    .int()
    .min(1)
    .max(1000)
    .default(50)
    .describe("last events that variant base+history sees of a user"),
});

/** What a model is trained with, nothing left to the protocol. */
export const taskSettings = z
  .object({
    ...settingsWithoutGrid.shape,
    form: z.enum(["corrected", "reference"]),
    attributeValues: z.enum(["all", "first"]),
  })
  .omit({ backbones: true, variants: true, seeds: true, longHistory: true });

/** Settings of training as a task has them. */
export type TrainTaskSettings = z.infer<typeof taskSettings>;

/** The `train:` block of a pipeline file. */
export const trainSettings = settingsWithoutGrid
  .extend({
    // All trials are measured by the same figure, and computed by the same engine.
    grid: gridSetting(taskSettings.omit({ stopOn: true, engine: true, device: true }).shape)
      .prefault({})
      .describe(
        "settings to try in every combination, for each backbone, variant and seed alike: { learningRate: [0.001, 0.003] }. " +
          "The split that chooses epochs chooses one trial for each backbone and variant, by the mean over seeds",
      ),
  })
  .superRefine(({ engine, device }, context) => {
    const fault = deviceFault(engine, device);
    if (fault !== undefined) context.addIssue({ code: "custom", path: ["device"], message: fault });
  });

/** Settings of training, complete. */
export type TrainSettings = z.infer<typeof trainSettings>;

/** What never changes a trained model: the `runtime` of a train task. */
export const trainRuntime = z.object({
  checkpointEveryS: z
    .number()
    .positive()
    .default(60)
    .describe(
      "Seconds from one note of a model's whole state to the next while it trains: what a kill may cost.",
    ),
});
