/** @file Columns that tables of several stages share. */
import { column, type Column } from "./schema.ts";

export const userId = column(
  "user_id",
  "INTEGER",
  "user: the source's id, or its number in user_dictionary",
);
export const itemId = column(
  "item_id",
  "INTEGER",
  "item: the source's id, or its number in item_dictionary; 0 never occurs",
);
export const ts = column("ts", "TIMESTAMP", "time of the event, UTC");
export const rating = column("rating", "DOUBLE", "rating in the source's stars");
export const weight: Column = {
  ...column(
    "weight",
    "FLOAT",
    "weight of the row in training, at least 0; only when dataset.columns.weight names a column",
  ),
  isOptional: true,
};
export const label = column("label", "TINYINT", "1 liked (rating above the threshold), 0 not");
export const knowledgeVariant = column(
  "variant",
  "VARCHAR",
  "variant: r4ec, r2ec or kar; for embeddings also a variant given by path",
);
export const split = column("split", "VARCHAR", "train, valid or test");
export const attributes = column(
  "attributes",
  "MAP(VARCHAR, VARCHAR[])",
  "attribute name to its values, first value first, e.g. attributes['genre'][1]",
);

export const historyColumns = (prefix: string, whose: string): readonly Column[] => [
  column(`${prefix}items`, "INTEGER[]", `${whose}, oldest first`),
  column(`${prefix}ratings`, "DOUBLE[]", "the rating given to each of them, stars"),
];

export const modelColumns: readonly Column[] = [
  column("backbone", "VARCHAR", "CTR backbone"),
  column("variant", "VARCHAR", "what the model is given: base, knowledge or a control"),
  column("trial", "INTEGER", "number in the grid or search of settings, from 0; 0 without one"),
  column("seed", "INTEGER", "seed of initialisation and shuffling"),
];

export const subjectId = column(
  "subject_id",
  "INTEGER",
  "user_id or item_id, as subject says; source_id(subject, subject_id) is the source's id",
);

export const subjectColumns: readonly Column[] = [
  column("subject", "VARCHAR", "user or item"),
  subjectId,
];
