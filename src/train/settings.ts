import { z } from "zod";
import { selectionMetrics } from "../base/terms.ts";
import { backbones, type BackboneName } from "../models/backbones.ts";
import { connectors, type ConnectorName } from "../models/connectors.ts";
import { connectorWeights } from "../models/connectors/connector-weights.ts";
import { evolutionGrus } from "../models/backbones/dien.ts";
import { deviceFault, deviceNames, devices, engineNames } from "./engine/devices.ts";
import { gridSetting } from "./grid.ts";
import { searchSetting } from "./search.ts";

export const backboneName = z.enum(Object.keys(backbones) as [BackboneName, ...BackboneName[]]);

/** The user feature that is the user's id; all others are attributes. */
export const USER_ID = "id";

/** Of each attribute, at least as many values as items of published data sets have. */
export const defaultMaxAttributeValues = 64;

const maxAttributeValues = z.int().min(1);

export const settingsWithoutGrid = z.strictObject({
  backbones: z
    .array(backboneName)
    .min(1)
    .default(["autoint", "dcn"])
    .describe(`CTR models to train: ${Object.keys(backbones).join(", ")}`),
  connector: z
    .enum(Object.keys(connectors) as [ConnectorName, ...ConnectorName[]])
    .default("mlp")
    .describe(
      "maps a knowledge vector to the model's width: mlp = an MLP; moe = two experts with a gate; hea = shared and separate experts with gates",
    ),
  connectorWeights: z
    .enum(["auto", ...connectorWeights])
    .default("auto")
    .describe(
      "connectors mlp and moe, where a variant has user and item vectors: separate = weights of their own for users and for items, as in the paper (equation 12); " +
        "shared = the same for both, as in its public code; auto = shared in form reference, else separate",
    ),
  seeds: z
    .array(z.int().min(0).max(0x7fffffff))
    .min(1)
    .default([1, 2, 3])
    .describe("one model is trained per seed, which fixes initialisation and shuffling"),
  engine: z
    .enum(engineNames)
    .default("onnx")
    .describe(
      "onnx = ONNX Runtime, the fastest on a CPU; tfjs = TensorFlow.js, for GPUs, whose packages are installed separately",
    ),
  device: z
    .enum(deviceNames)
    .default("auto")
    .describe(
      `where the engine computes. onnx: ${devices.onnx.join(", ")}; auto = cpu. tfjs: ${devices.tfjs.join(", ")}; auto = the first of these that is installed and works`,
    ),
  batchSize: z.int().min(1).default(256).describe("rows per step"),
  learningRate: z.number().positive().default(1e-3).describe("AdamW's initial step size"),
  schedule: z
    .enum(["cosine", "constant"])
    .default("cosine")
    .describe(
      "cosine = falls to 0 over the steps of all epochs; constant = stays the same, as in the paper's public code in effect",
    ),
  warmup: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("share of all steps over which the step size first rises linearly from 0"),
  weightDecay: z
    .number()
    .min(0)
    .default(0)
    .describe("AdamW: each step shrinks every parameter by this share, times the step size"),
  l2: z
    .number()
    .min(0)
    .default(0)
    .describe("λ of a penalty λ/2 Σ p² on all parameters, added to the gradients"),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe("share of hidden units that each training step drops"),
  memoryRows: z
    .int()
    .min(16)
    .default(10_000_000)
    .describe(
      "most rows of samples in memory, about 20 + 8 x history bytes each. Up to this many rows are shuffled as a whole. " +
        "With more, each epoch reads random stretches from disk, half this many rows at a time, and shuffles within them. " +
        "The order of rows depends on this number, so it does not adapt to the machine",
    ),
  epochs: z.int().min(1).default(20).describe("most passes over the training rows"),
  patience: z
    .int()
    .min(1)
    .default(3)
    .describe(
      "training stops after this many epochs without a better result; not used by protocol paper",
    ),
  stopOn: z
    .enum(selectionMetrics)
    .default("auc")
    .describe(
      "what chooses the epoch and stops training: highest AUC or lowest log loss; not used by protocol paper",
    ),
  form: z
    .enum(["auto", "corrected", "reference"])
    .default("auto")
    .describe(
      "reference = models and AdamW as the paper's public code computes them; corrected = without its errors; auto = reference under protocol reference, else corrected",
    ),
  dien: z
    .strictObject({
      gru: z
        .enum(["auto", ...evolutionGrus])
        .default("auto")
        .describe(
          "what attention acts on: augru = the second GRU's update gates, aigru = its inputs, gru = its states; auto = aigru in form reference, else augru",
        ),
      auxiliaryLoss: z
        .number()
        .min(0)
        .default(0)
        .describe(
          "weight of the auxiliary loss that tells a user's next event from another user's",
        ),
    })
    .prefault({})
    .describe("settings of backbone dien only"),
  embeddingDim: z.int().min(1).default(32).describe("width of an id embedding"),
  attributes: z
    .array(z.string().min(1))
    .default(["genre"])
    .describe("item attributes used as features; [] if items have none"),
  attributeValues: z
    .enum(["auto", "all", "first"])
    .default("auto")
    .describe(
      "which of an item's values of an attribute count: all of them, their embeddings averaged, or the first; auto = first under protocol reference, else all",
    ),
  maxAttributeValues: maxAttributeValues
    .default(defaultMaxAttributeValues)
    .describe(
      "most values of an attribute that count per item, the first ones; what is left out is counted and said. " +
        "Batches are padded to the item with the most values where that is up to 16; " +
        "with more, a step's memory and time grow with the values that the items in it have",
    ),
  userFeatures: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'what the model sees of a user besides the history: "id", or attributes from the table users, of which the first value counts',
    ),
  history: z
    .union([z.literal("all"), z.int().min(1)])
    .default("all")
    .describe("how many of a user's last events the model sees; all = as many as the samples hold"),
  longHistory: z
    .int()
    .min(1)
    .max(1000)
    .default(50)
    .describe("how many of a user's last events variant base+history sees"),
});

/** What a model is trained with, once the protocol has resolved every `auto`. */
export const taskSettings = z
  .object({
    ...settingsWithoutGrid.shape,
    form: z.enum(["corrected", "reference"]),
    attributeValues: z.enum(["all", "first"]),
    // Absent = what tasks of before did, which have no such setting.
    maxAttributeValues: maxAttributeValues.optional(),
    connectorWeights: z.enum(connectorWeights).optional(),
  })
  .omit({ backbones: true, seeds: true, longHistory: true });

/** Training settings as a task gets them. */
export type TrainTaskSettings = z.infer<typeof taskSettings>;

/** How many values of an attribute count per item. */
export function attributeLimit({
  attributeValues,
  maxAttributeValues: most = defaultMaxAttributeValues,
}: Pick<TrainTaskSettings, "attributeValues" | "maxAttributeValues">): number {
  return attributeValues === "first" ? 1 : most;
}

/** What a grid or a search may try. All trials share one selection metric and one engine. */
export const triedSettings = {
  ...taskSettings.omit({ stopOn: true, engine: true, device: true }).shape,
  maxAttributeValues,
  connectorWeights: z.enum(connectorWeights),
};

/** The `train:` block of a pipeline file. */
export const trainSettings = settingsWithoutGrid
  .extend({
    grid: gridSetting(triedSettings)
      .prefault({})
      .describe(
        "settings to try in every combination, for each backbone, variant and seed: { learningRate: [0.001, 0.003] }. " +
          "The split that chooses the epoch also chooses one trial per backbone and variant, by the mean over seeds",
      ),
    search: searchSetting(triedSettings)
      .optional()
      .describe(
        "instead of a grid, a random search with a budget: { trials: 30, learningRate: { min: 0.0001, max: 0.01, scale: log }, connector: [mlp, hea] }. " +
          "Every backbone and variant tries the same combinations, less what does not concern it; trials are chosen as those of a grid",
      ),
  })
  .superRefine(({ engine, device }, context) => {
    const fault = deviceFault(engine, device);
    if (fault !== undefined) context.addIssue({ code: "custom", path: ["device"], message: fault });
  })
  .superRefine(({ grid, search }, context) => {
    if (search === undefined || Object.keys(grid).length === 0) return;
    context.addIssue({
      code: "custom",
      path: ["search"],
      message:
        "a grid and a search cannot be tried together; leave out train.grid and give its lists to train.search, or leave out train.search",
    });
  });

/** Training settings with all defaults filled in. */
export type TrainSettings = z.infer<typeof trainSettings>;

/** The `runtime` of a train task: never changes the trained model. */
export const trainRuntime = z.object({
  checkpointEveryS: z
    .number()
    .positive()
    .default(60)
    .describe("Seconds between checkpoints of a model in training: the most work a kill can cost."),
});
