/** @file What `model.json` says of a trained model: where it comes from, what it reached, and how to feed `model.onnx` beside it. */
import { z } from "zod";

/** Names of a trained model's files in its folder. */
export const modelFiles = { card: "model.json", model: "model.onnx" } as const;

const port = z.strictObject({
  name: z.string(),
  type: z.enum(["float32", "int32"]),
  shape: z.array(z.union([z.literal("batch"), z.int()])).describe("batch = rows, any number"),
  meaning: z.string(),
});

const figure = z.number().nullable();

const vectors = z.strictObject({
  width: z.int(),
  encoder: z.string().nullable().describe("What made the vectors; null where it is not recorded."),
  rule: z.string(),
});

/** Content of `model.json`. */
export const modelCard = z.strictObject({
  format: z.literal(1).describe("Version of this file's layout."),
  r4ec: z.string().describe("Version that wrote it."),
  task: z.string().describe("Key of the task that trained it, as in the run's manifests."),
  model: z.strictObject({
    file: z.literal(modelFiles.model),
    sha256: z.string().describe("Of the file."),
    backbone: z.string(),
    form: z.enum(["corrected", "reference"]),
    connector: z.string().nullable().describe("Null without knowledge vectors."),
    parameters: z.int().describe("Trainable numbers."),
    looksAcrossRows: z
      .boolean()
      .describe("Whether a probability depends on the rows that are fed together."),
  }),
  variant: z.string(),
  protocol: z.string(),
  trial: z.int().describe("Place in the grid of settings, from 0."),
  seed: z.int(),
  epoch: z.int().describe("Whose weights these are, from 1."),
  selectedOn: z.enum(["valid", "test", "last"]).describe("What chose the epoch."),
  selectedBy: z.enum(["auc", "logloss"]).nullable().describe("By which figure; null for last."),
  figures: z
    .strictObject({
      trainLoss: figure,
      validAuc: figure,
      validLogLoss: figure,
      testAuc: figure,
      testLogLoss: figure,
    })
    .describe("Of that epoch; losses in nats, null where a split is empty or of one class."),
  settings: z.record(z.string(), z.unknown()).describe("It was trained with, those of its trial."),
  inputs: z.array(port),
  outputs: z.array(port),
  items: z.strictObject({ count: z.int(), sha256: z.string(), rule: z.string() }),
  attributes: z.strictObject({
    names: z.array(z.string()),
    slots: z.array(z.int()).describe("Places for values of each attribute."),
    which: z.enum(["all", "first"]).describe("Values of an item that count."),
    values: z.int().describe("Distinct values of all attributes."),
    rule: z.string(),
  }),
  ratings: z.strictObject({ values: z.array(z.number()), rule: z.string() }),
  userFeatures: z
    .strictObject({
      names: z.array(z.string()),
      values: z.int().describe("Distinct values of all features."),
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
