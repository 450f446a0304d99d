/** @file Tables of the stage samples. */
import { historyColumns, itemId, label, rating, split, ts, userId, weight } from "./columns.ts";
import { column, type TableSchema } from "./schema.ts";

/** Where the interactions are cut in time. */
export const cutsTables: readonly TableSchema[] = [
  {
    name: "cuts",
    about:
      "Where leakfree and paper cut all interactions in time; rows between two splits are in the gap.",
    grain: ["train_until"],
    order: ["train_until"],
    columns: [
      column("train_until", "TIMESTAMP", "last instant of training rows, UTC"),
      column(
        "valid_from",
        "TIMESTAMP",
        "first instant of validation rows; null without validation",
      ),
      column(
        "valid_until",
        "TIMESTAMP",
        "last instant of validation rows; null without validation",
      ),
      column("test_from", "TIMESTAMP", "first instant of test rows"),
    ],
  },
];

/** The rows that models are trained and scored on. */
export const samplesTables: readonly TableSchema[] = [
  {
    name: "timeline",
    about: "Every interaction with its place in the user's order and its role under the protocol.",
    grain: ["user_id", "rn"],
    order: ["user_id", "rn"],
    columns: [
      userId,
      column("rn", "INTEGER", "place in the user's order, from 1"),
      itemId,
      rating,
      label,
      ts,
      weight,
      column(
        "history_rn",
        "INTEGER",
        "last place that may be history of this row: below rn, and below all ties in time under leakfree",
      ),
      column(
        "role",
        "VARCHAR",
        "context, train, valid, test, gap (between two of these in time) or dropped",
      ),
    ],
  },
  {
    name: "samples",
    about: "The CTR rows: user, item, time, label and history.",
    grain: ["user_id", "rn"],
    order: ["user_id", "rn"],
    columns: [
      userId,
      column("rn", "INTEGER", "place in the user's order, from 1"),
      itemId,
      rating,
      label,
      ts,
      weight,
      split,
      ...historyColumns("history_", "the last items before this event"),
    ],
  },
];

/** What the leak audits found. */
export const auditsTables: readonly TableSchema[] = [
  {
    name: "audits",
    about: "The leak audits of the run: each is a query that must return no rows.",
    grain: ["audit"],
    order: ["audit"],
    columns: [
      column("audit", "VARCHAR", "file name in sql/audits without extension"),
      column("about", "VARCHAR", "the rule, in a sentence"),
      column("rows_checked", "BIGINT", "rows of the audited table"),
      column("violations", "BIGINT", "rows that break the rule; 0 in every committed run"),
    ],
  },
];
