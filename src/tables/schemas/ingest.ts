/** @file Tables of the stage ingest. */
import type { Subject } from "../../base/terms.ts";
import { userId, itemId, ts, rating, weight, label, attributes } from "./columns.ts";
import { column, type TableSchema } from "./schema.ts";

const dictionary = (subject: Subject): TableSchema => ({
  name: `${subject}_dictionary`,
  about: `What the source calls each ${subject}, where its ids are numbered. In queries, source_${subject}_id(${subject}_id) looks it up, source_${subject}_ids(list) a list, and run_${subject}_id('id') the number.`,
  grain: [`${subject}_id`],
  order: [`${subject}_id`],
  columns: [
    column(`${subject}_id`, "INTEGER", "number of the id, from 1, in byte order of the ids"),
    column("source_id", "VARCHAR", "id in the source"),
  ],
});

/** What the source holds, typed and checked. */
export const ingestTables: readonly TableSchema[] = [
  {
    name: "interactions",
    about: "The source's events, typed, labelled and checked.",
    grain: ["user_id", "item_id", "ts"],
    order: ["file_row"],
    columns: [
      userId,
      itemId,
      rating,
      label,
      ts,
      weight,
      column(
        "file_row",
        "BIGINT",
        "position in the source, from 0; with several files, file index x 2^40 + position in the file",
      ),
    ],
  },
  {
    name: "items",
    about: "Every item of the catalogue, rated or not.",
    grain: ["item_id"],
    order: ["item_id"],
    columns: [
      itemId,
      column("title", "VARCHAR", "title as shown to people"),
      column("year", "SMALLINT", "year of release; null when unknown"),
      attributes,
    ],
  },
  {
    name: "users",
    about: "Every user with at least one interaction.",
    grain: ["user_id"],
    order: ["user_id"],
    columns: [userId, attributes],
  },
  dictionary("user"),
  dictionary("item"),
  {
    name: "rejects",
    about: "Source rows left out because they are not a valid interaction, item or user.",
    grain: ["source", "file", "line", "reason"],
    order: ["source", "file", "line", "reason"],
    columns: [
      column("source", "VARCHAR", "what the file holds: interactions, items or users"),
      column("file", "VARCHAR", "path or URL of the file"),
      column("line", "BIGINT", "line of a text file or row of a Parquet file, from 1"),
      column("reason", "VARCHAR", "what is wrong with it"),
      column("content", "VARCHAR", "the row, at most 200 characters, without control characters"),
    ],
  },
  {
    name: "ingest_counts",
    about:
      "What became of the interaction rows: rows read = rows left out + rows kept. A last row counts long items, if there are any.",
    grain: ["place"],
    order: ["place"],
    columns: [
      column("place", "INTEGER", "order of the steps, from 1"),
      column(
        "step",
        "VARCHAR",
        "read, bad row, sampling, no metadata, duplicate, k-core, kept or long item",
      ),
      column(
        "reason",
        "VARCHAR",
        "why the step left rows out, or what makes an item long; empty for read and kept",
      ),
      column(
        "rows",
        "BIGINT",
        "rows left out; for read and kept, rows there are; for long item, items, all of them kept",
      ),
    ],
  },
];

/** What tells the interactions from those of other data. */
export const fingerprintTables: readonly TableSchema[] = [
  {
    name: "data_fingerprint",
    about: "What tells the interactions of a run from those of other data; one row.",
    grain: ["fingerprint"],
    order: ["fingerprint"],
    columns: [
      column("rows", "BIGINT", "interactions"),
      column("users", "BIGINT", "users with an interaction"),
      column("items", "BIGINT", "items with an interaction"),
      column(
        "fingerprint",
        "VARCHAR",
        "equal for equal users, items, ratings, labels and times, in whatever order and parts",
      ),
    ],
  },
];
