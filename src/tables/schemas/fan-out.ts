/** @file Tables between the tasks that read a source's files in groups; only runs with several of them have these tables. */
import type { Subject } from "../../base/terms.ts";
import { attributes, itemId, rating, ts, userId, weight } from "./columns.ts";
import { column, type Column, type TableSchema } from "./schema.ts";

const fileRow = column(
  "file_row",
  "BIGINT",
  "position in the source: file index x 2^40 + position in the file",
);

const optional = (name: string, type: string, about: string): Column => ({
  ...column(name, type, about),
  isOptional: true,
});

/** An id as the source has it. */
const sourceIdOf = (subject: Subject): readonly Column[] => [
  optional(`${subject}_id`, "INTEGER", `id of the ${subject}, where ids are integers`),
  optional(
    `${subject}_source`,
    "VARCHAR",
    `id of the ${subject} in the source, where ids are numbered later`,
  ),
];

const coreIds = (subject: Subject): TableSchema => ({
  name: `ingest_core_${subject}s`,
  about: `The ${subject}s in the k-core. Only with dataset.kCore.`,
  grain: [`${subject}_id`],
  order: [`${subject}_id`],
  columns: [subject === "user" ? userId : itemId],
});

/** What the tasks that read groups of files hand on. */
export const fanOutTables = {
  columns: {
    name: "ingest_columns",
    about: "Types in which the columns of the interactions are read from all files.",
    grain: ["place"],
    order: ["place"],
    columns: [
      column("place", "INTEGER", "place of the column among those that are read, from 0"),
      column("type", "VARCHAR", "DuckDB's name of the type; of text files VARCHAR"),
    ],
  },
  forms: {
    name: "ingest_forms",
    about: "What the ids and times of a group of files look like, for settings left to auto.",
    grain: ["first_file", "time_form"],
    order: ["first_file", "time_form"],
    columns: [
      column("first_file", "INTEGER", "index of the first file of the group, from 0"),
      column("time_form", "VARCHAR", "what a time looks like; null where it is missing"),
      column("rows", "BIGINT", "rows with such a time"),
      column("least", "DOUBLE", "least number of such a time; null of texts"),
      column("most", "DOUBLE", "greatest number of such a time; null of texts"),
      column("first_row", "BIGINT", "file_row of the first"),
      column("users", "BIGINT", "rows with a user"),
      column("integer_users", "BIGINT", "rows whose user is an integer"),
      column("first_user", "BIGINT", "file_row of the first user that is none; null without one"),
      column("items", "BIGINT", "rows with an item"),
      column("integer_items", "BIGINT", "rows whose item is an integer"),
      column("first_item", "BIGINT", "file_row of the first item that is none; null without one"),
    ],
  },
  files: {
    name: "ingest_files",
    about: "Rows of each file, of text files and where the order of rows is their time.",
    grain: ["file_index"],
    order: ["file_index"],
    columns: [
      column("file_index", "INTEGER", "index of the file, from 0"),
      column("rows", "BIGINT", "rows in it"),
      column("is_rewritten", "BOOLEAN", "whether a text file can only be read from a copy"),
    ],
  },
  typing: {
    name: "ingest_typing",
    about: "How the ids and times of all files are read; one row.",
    grain: ["user_ids"],
    order: ["user_ids"],
    columns: [
      column("user_ids", "VARCHAR", "integer, or dictionary for texts that are numbered"),
      column("item_ids", "VARCHAR", "integer, or dictionary for texts that are numbered"),
      column("time_reading", "VARCHAR", "how times are read, as JSON"),
    ],
  },
  rows: {
    name: "ingest_rows",
    about:
      "Valid rows of a group of files in buckets of users, where ids are numbered later or rows may be left out; else interactions has them at once.",
    grain: ["file_row"],
    order: ["file_row"],
    columns: [
      ...sourceIdOf("user"),
      ...sourceIdOf("item"),
      rating,
      ts,
      weight,
      fileRow,
      optional("line", "BIGINT", "line or row in the file, from 1, where rows may be left out"),
      optional("content", "VARCHAR", "the row as text, where rows may be left out"),
    ],
  },
  userIds: {
    name: "ingest_user_ids",
    about: "Users of a group of files. Only where their ids are numbered.",
    grain: ["user_source"],
    order: ["user_source"],
    columns: [column("user_source", "VARCHAR", "id of the user in the source")],
  },
  itemIds: {
    name: "ingest_item_ids",
    about: "Items of the valid rows of a group of files.",
    grain: ["first_row"],
    order: ["first_row"],
    columns: [
      ...sourceIdOf("item"),
      column("first_row", "BIGINT", "file_row of the first row of the item in the group"),
      column("rows", "BIGINT", "rows of the item in the group"),
    ],
  },
  tallies: {
    name: "ingest_tallies",
    about: "Counts that tasks hand on: rows read and left out, and what is refused by all files.",
    grain: ["stage", "task", "place"],
    order: ["stage", "task", "place"],
    columns: [
      column("stage", "VARCHAR", "stage of the task"),
      column("task", "INTEGER", "its index in the stage, from 0"),
      column("place", "INTEGER", "order of the counts of a task, from 1"),
      column("fact", "VARCHAR", "what is counted, such as bad row"),
      column("value", "VARCHAR", "reason or example; empty without one"),
      column("rows", "BIGINT", "rows"),
    ],
  },
  itemMetadata: {
    name: "ingest_item_metadata",
    about: "Valid rows of the item file.",
    grain: ["item_id"],
    order: ["item_id"],
    columns: [
      itemId,
      column("title", "VARCHAR", "title in the file; null where it is missing"),
      column("year", "SMALLINT", "year of release; null when unknown"),
      attributes,
    ],
  },
  userMetadata: {
    name: "ingest_user_metadata",
    about: "Valid rows of the user file.",
    grain: ["user_id"],
    order: ["user_id"],
    columns: [userId, attributes],
  },
  events: {
    name: "ingest_events",
    about: "Rows of a bucket of users before the k-core. Only with dataset.kCore.",
    grain: ["file_row"],
    order: ["file_row"],
    columns: [userId, itemId, rating, ts, weight, fileRow],
  },
  coreUsers: coreIds("user"),
  coreItems: coreIds("item"),
  keptItems: {
    name: "ingest_kept_items",
    about: "Items of the interactions of a bucket of users.",
    grain: ["item_id"],
    order: ["item_id"],
    columns: [itemId],
  },
  repeats: {
    name: "ingest_repeats",
    about: "The first events of a bucket that occur more than once, for which the run stops.",
    grain: ["user_id", "item_id", "ts"],
    order: ["last_line"],
    columns: [
      userId,
      itemId,
      ts,
      column("first_line", "BIGINT", "file_row of the first such row"),
      column("last_line", "BIGINT", "file_row of the last such row"),
    ],
  },
} as const satisfies Readonly<Record<string, TableSchema>>;
