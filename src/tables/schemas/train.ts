/** @file Tables of the stage train. */
import type { Subject } from "../../base/terms.ts";
import { itemId, label, modelColumns, userId } from "./columns.ts";
import { column, type Column, type TableSchema } from "./schema.ts";

const stats = (subject: Subject): TableSchema => ({
  name: `${subject}_stats`,
  about:
    subject === "user"
      ? "Plain statistics of each user's context, for variant base+stats."
      : "Plain statistics of each item's training rows, for variant base+stats.",
  grain: [`${subject}_id`],
  order: [`${subject}_id`],
  columns: [
    subject === "user" ? userId : itemId,
    column(
      "interactions",
      "INTEGER",
      subject === "user" ? "events of the context" : "training rows of the item",
    ),
    column("mean_rating", "DOUBLE", "mean of their ratings, stars"),
    column("label_rate", "DOUBLE", "share of label 1 among them"),
  ],
});

/** Plain statistics, the control of variant base+stats. */
export const statsTables: readonly TableSchema[] = [stats("user"), stats("item")];

/** How models were trained and what they predict. */
export const trainTables: readonly TableSchema[] = [
  {
    name: "training_log",
    about: "One row per trained model and epoch.",
    grain: ["backbone", "variant", "trial", "seed", "epoch"],
    order: ["backbone", "variant", "trial", "seed", "epoch"],
    columns: [
      ...modelColumns,
      column("epoch", "INTEGER", "from 1"),
      column(
        "train_loss",
        "DOUBLE",
        "mean binary cross-entropy over the epoch, nats; weighted where rows have weights",
      ),
      column("valid_auc", "DOUBLE", "null when there is no validation split"),
      column("valid_logloss", "DOUBLE", "nats; null when there is no validation split"),
      column("test_auc", "DOUBLE", "null unless the epoch is chosen on the test split"),
      column("test_logloss", "DOUBLE", "nats; null unless the epoch is chosen on the test split"),
      column("learning_rate", "DOUBLE", "at the end of the epoch"),
      column("seconds", "DOUBLE", "wall time of the epoch, training and validation"),
      column("rows_per_s", "DOUBLE", "training rows per second"),
    ],
  },
  {
    name: "results",
    about: "One row per trained model: its scores on the test split.",
    grain: ["backbone", "variant", "trial", "seed"],
    order: ["backbone", "variant", "trial", "seed"],
    columns: [
      ...modelColumns,
      column("role", "VARCHAR", "role of the variant: base, control or knowledge"),
      column("settings", "VARCHAR", "JSON object of the trial's settings; {} without any"),
      column("engine", "VARCHAR", "engine that trained it: onnx or tfjs"),
      column("auc", "DOUBLE", "on the test split; ties averaged"),
      column("logloss", "DOUBLE", "on the test split, nats"),
      column(
        "gauc",
        "DOUBLE",
        "on the test split: AUC within each user, mean weighted by rows; null when no user has both classes",
      ),
      column(
        "ece",
        "DOUBLE",
        "on the test split: expected calibration error, 15 bins of equal width",
      ),
      column("valid_auc", "DOUBLE", "of the scored epoch; null when there is no validation split"),
      column(
        "valid_logloss",
        "DOUBLE",
        "of the scored epoch, nats; null when there is no validation split",
      ),
      column("best_epoch", "INTEGER", "the epoch whose weights were scored"),
      column("epochs", "INTEGER", "epochs trained"),
      column("selected_on", "VARCHAR", "valid, test or last: what chose the epoch"),
      column("parameters", "BIGINT", "trainable parameters"),
      column("train_rows", "BIGINT", "rows trained on"),
      column("valid_rows", "BIGINT", "rows the epoch was chosen on"),
      column("test_rows", "BIGINT", "rows scored"),
      column("train_positive_rate", "DOUBLE", "share of label 1"),
      column("test_positive_rate", "DOUBLE", "share of label 1"),
      column(
        "user_coverage",
        "DOUBLE",
        "share of test rows whose user has a vector; null for base",
      ),
      column(
        "item_coverage",
        "DOUBLE",
        "share of test rows whose item has a vector; null for base",
      ),
      column("seconds", "DOUBLE", "wall time"),
    ],
  },
  {
    name: "predictions",
    about: "Every trained model's probability for every test row.",
    grain: ["backbone", "variant", "trial", "seed", "user_id", "rn"],
    order: ["backbone", "variant", "trial", "seed", "user_id", "rn"],
    columns: [
      ...modelColumns,
      userId,
      column("rn", "INTEGER", "place in the user's order, from 1"),
      itemId,
      label,
      column("probability", "FLOAT", "predicted probability of label 1"),
    ],
  },
];

const bucketColumns: readonly Column[] = [
  column("slice", "VARCHAR", "items or users: whose training rows divide the test rows"),
  column(
    "bucket",
    "VARCHAR",
    "items: cold (no training rows), tail (the rarest, together at most a fifth of the training rows) or head; " +
      "users: new (no training rows), or by thirds of the users low, mid or high",
  ),
];

/** Trained models on parts of the test split. */
export const slicesTables: readonly TableSchema[] = [
  {
    name: "slices",
    about: "Scores of each trained model on parts of the test split.",
    grain: ["backbone", "variant", "trial", "seed", "slice", "bucket"],
    order: ["backbone", "variant", "trial", "seed", "slice", "bucket"],
    columns: [
      ...modelColumns,
      ...bucketColumns,
      column("rows", "BIGINT", "test rows"),
      column("positives", "BIGINT", "test rows with label 1"),
      column("auc", "DOUBLE", "ties averaged; null without rows of both classes"),
      column("logloss", "DOUBLE", "nats; null without rows"),
    ],
  },
];

const pairColumns: readonly Column[] = [
  column("backbone", "VARCHAR", "CTR backbone"),
  column("variant", "VARCHAR", "what is compared"),
  column("baseline", "VARCHAR", "the variant it is compared with"),
];

const liftColumns: readonly Column[] = [
  column("auc_lift", "DOUBLE", "auc - baseline_auc"),
  column("auc_lift_low", "DOUBLE", "2.5 % of the paired bootstrap by user"),
  column("auc_lift_high", "DOUBLE", "97.5 % of the paired bootstrap by user"),
];

const changeColumns: readonly Column[] = [
  column("logloss_change", "DOUBLE", "logloss - baseline_logloss, nats; below 0 is better"),
  column("logloss_change_low", "DOUBLE", "2.5 % of the same bootstrap"),
  column("logloss_change_high", "DOUBLE", "97.5 % of the same bootstrap"),
];

/** @param family - The comparisons that are corrected together */
const aucPColumns = (family: string): readonly Column[] => [
  column(
    "auc_p",
    "DOUBLE",
    "two-sided p-value of auc_lift = 0, of this pair alone: auc_lift over its standard error in the bootstrap, as a normal deviate; " +
      "null without resamples",
  ),
  column("auc_p_holm", "DOUBLE", `auc_p corrected by Holm's method for ${family}`),
];

const logLossPColumns = (family: string): readonly Column[] => [
  column("logloss_p", "DOUBLE", "the same of logloss_change = 0"),
  column("logloss_p_holm", "DOUBLE", `logloss_p corrected by Holm's method for ${family}`),
];

/** Trials chosen, and variants compared. */
export const compareTables: readonly TableSchema[] = [
  {
    name: "selections",
    about: "Every trial of the grid or search, and the selected one: the best mean over seeds.",
    grain: ["backbone", "variant", "trial"],
    order: ["backbone", "variant", "trial"],
    columns: [
      ...modelColumns.filter(({ name }) => name !== "seed"),
      column("seeds", "INTEGER", "seeds in the mean"),
      column("split", "VARCHAR", "valid, test or last (no split: nothing was chosen)"),
      column("metric", "VARCHAR", "auc (higher is better) or logloss (lower is better)"),
      column("value", "DOUBLE", "mean over seeds at their scored epochs; null for split last"),
      column("is_selected", "BOOLEAN", "true for one trial per backbone and variant"),
    ],
  },
  {
    name: "comparisons",
    about:
      "Selected trials on the same test rows: every two variants of a backbone, in both metrics. " +
      "The baseline is base before a control, a control before knowledge, else the one listed first in train.variants.",
    grain: ["backbone", "variant", "baseline"],
    order: ["backbone", "variant", "baseline"],
    columns: [
      ...pairColumns,
      column("trial", "INTEGER", "selected trial of the variant"),
      column("baseline_trial", "INTEGER", "selected trial of the baseline"),
      column("seeds", "INTEGER", "seeds in each mean: those both models have"),
      column("baseline_auc", "DOUBLE", "mean over seeds"),
      column("baseline_auc_sd", "DOUBLE", "standard deviation over seeds"),
      column("baseline_logloss", "DOUBLE", "mean over seeds, nats"),
      column("auc", "DOUBLE", "mean over seeds"),
      column("auc_sd", "DOUBLE", "standard deviation over seeds"),
      column("logloss", "DOUBLE", "mean over seeds, nats"),
      ...liftColumns,
      column("auc_relative", "DOUBLE", "auc_lift / baseline_auc"),
      ...aucPColumns("all pairs of the backbone"),
      ...changeColumns,
      column("logloss_relative", "DOUBLE", "logloss_change / baseline_logloss"),
      ...logLossPColumns("all pairs of the backbone"),
      column("resamples", "INTEGER", "bootstrap resamples in which both classes occur"),
    ],
  },
  {
    name: "slice_comparisons",
    about:
      "The pairs of comparisons on parts of the test rows: the buckets of slices that have rows. Users are resampled as there.",
    grain: ["backbone", "variant", "baseline", "slice", "bucket"],
    order: ["backbone", "variant", "baseline", "slice", "bucket"],
    columns: [
      ...pairColumns,
      ...bucketColumns,
      column("rows", "BIGINT", "test rows"),
      column("seeds", "INTEGER", "seeds in each mean: those both models have"),
      column("baseline_auc", "DOUBLE", "mean over seeds; null without rows of both classes"),
      column("baseline_logloss", "DOUBLE", "mean over seeds, nats"),
      column("auc", "DOUBLE", "mean over seeds; null without rows of both classes"),
      column("logloss", "DOUBLE", "mean over seeds, nats"),
      ...liftColumns,
      ...aucPColumns("all pairs and buckets of the slice on the backbone"),
      ...changeColumns,
      ...logLossPColumns("all pairs and buckets of the slice on the backbone"),
      column("resamples", "INTEGER", "bootstrap resamples in which both classes occur"),
    ],
  },
];
