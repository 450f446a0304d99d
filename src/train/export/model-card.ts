/** @file The content of `model.json`: a trained model's origin and metrics, and how to feed the `model.onnx` beside it. */
import { z } from "zod";

/** File names in a trained model's folder. */
export const modelFiles = { card: "model.json", model: "model.onnx" } as const;

const port = z.strictObject({
  name: z.string(),
  type: z.enum(["float32", "int32"]),
  shape: z.array(z.union([z.literal("batch"), z.int()])).describe("batch = any number of rows"),
  meaning: z.string(),
});

const figure = z.number().nullable();

const vectors = z.strictObject({
  width: z.int(),
  encoder: z
    .string()
    .nullable()
    .describe("The encoder that made the vectors; null if not recorded."),
  rule: z.string(),
});

/** Content of `model.json`. */
export const modelCard = z.strictObject({
  format: z.literal(1).describe("Version of this file's layout."),
  r4ec: z.string().describe("Version that wrote this file."),
  task: z.string().describe("Key of the training task, as in the run's manifests."),
  model: z.strictObject({
    file: z.literal(modelFiles.model),
    sha256: z.string().describe("Of the file."),
    backbone: z.string(),
    form: z.enum(["corrected", "reference"]),
    connector: z.string().nullable().describe("Null without knowledge vectors."),
    parameters: z.int().describe("Trainable numbers."),
    looksAcrossRows: z
      .boolean()
      .describe("Whether a probability depends on the other rows of its batch."),
  }),
  variant: z.string(),
  protocol: z.string(),
  trial: z.int().describe("Number of the trial in the grid or search, from 0."),
  seed: z.int(),
  epoch: z.int().describe("The epoch of these weights, from 1."),
  selectedOn: z
    .enum(["valid", "test", "last"])
    .describe("The split that chose the epoch; last = none."),
  selectedBy: z
    .enum(["auc", "logloss"])
    .nullable()
    .describe("The metric that chose the epoch; null for last."),
  figures: z
    .strictObject({
      trainLoss: figure,
      validAuc: figure,
      validLogLoss: figure,
      testAuc: figure,
      testLogLoss: figure,
    })
    .describe(
      "Metrics of that epoch; losses in nats; null if a split is empty or has one class only.",
    ),
  settings: z.record(z.string(), z.unknown()).describe("Training settings, the trial's included."),
  inputs: z.array(port),
  outputs: z.array(port),
  items: z.strictObject({ count: z.int(), sha256: z.string(), rule: z.string() }),
  attributes: z.strictObject({
    names: z.array(z.string()),
    slots: z.array(z.int()).describe("Places for values per attribute."),
    which: z.enum(["all", "first"]).describe("Which of an item's values count."),
    values: z.int().describe("Distinct values over all attributes."),
    leftOut: z
      .int()
      .optional()
      .describe("Items' values beyond train.maxAttributeValues, if there are any."),
    rule: z.string(),
  }),
  ratings: z.strictObject({ values: z.array(z.number()), rule: z.string() }),
  userFeatures: z
    .strictObject({
      names: z.array(z.string()),
      values: z.int().describe("Distinct values over all features."),
      users: z.strictObject({ count: z.int(), sha256: z.string() }),
      rule: z.string(),
    })
    .optional(),
  history: z.strictObject({ length: z.int(), rule: z.string() }),
  vectors: z.strictObject({ user: vectors.optional(), item: vectors.optional() }),
});

/** See {@link modelCard}. */
export type ModelCard = z.infer<typeof modelCard>;

/** How ids and vectors become a model's inputs. */
export const feedingRules = {
  items:
    "The id of an item is its place, from 1, among the item ids of the table items in ascending order; 0 = unknown. " +
    "sha256 is that of these ids as decimal text, a line feed after each.",
  attributes:
    "The values that count are numbered from 1, attribute by attribute in the order of names, those of one in the order of their " +
    "texts (by code point) over the table items; 0 = none. An item's row holds its values of the first attribute, padded with 0 " +
    "to its slots, then those of the next.",
  userFeatures:
    "Values are numbered from 1, feature by feature in the order of names: of id the user ids of the table samples in ascending " +
    "order (users: how many, and the sha256 of these ids as for items), of an attribute the users' first values in the order of " +
    "their texts over the table users; 0 = unknown.",
  ratings: "The id of a rating is its place in values, from 1; 0 = padding.",
  history:
    "The user's last events before the row, at most `length`, oldest first, padded on the right with 0; historyLengths counts them.",
  userVectors: "The user's vector; zeros for a user who has none.",
  itemVectors: "The vector of the item to be scored; zeros for an item that has none.",
} as const;
