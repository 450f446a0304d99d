/** @file Tables of the stage encode and of `r4ec encode`. */
import type { Subject } from "../../base/terms.ts";
import { userId, itemId, knowledgeVariant } from "./columns.ts";
import { column, type TableSchema } from "./schema.ts";

const encoderHash =
  "identity of the encoder's files and settings: equal ones give equal vectors of equal texts";
const tokensOfTexts =
  "tokens of the texts, by the encoder's tokenizer; of a remote encoder without one, the share of what the server counted";
const truncatedTokens =
  "of these, tokens that were cut off and have no part in the vector; 0 = none";

const embeddings = (subject: Subject): TableSchema => ({
  name: `${subject}_embeddings`,
  about:
    subject === "user"
      ? "The knowledge about each user as a dense vector: of the final texts, or of the items the user liked."
      : "The final knowledge texts of each item as a dense vector.",
  grain: ["variant", `${subject}_id`],
  order: ["variant", `${subject}_id`],
  columns: [
    knowledgeVariant,
    subject === "user" ? userId : itemId,
    column(
      "encoder",
      "VARCHAR",
      "name of the encoder; of vectors given by path that do not say, the variant",
    ),
    column(
      "encoder_hash",
      "VARCHAR",
      `${encoderHash}; null for vectors given by path that do not say`,
    ),
    column(
      "vector",
      "FLOAT[]",
      "embedding; of one text of unit length unless the encoder says otherwise, of several their mean",
    ),
    column("tokens", "INTEGER", `${tokensOfTexts}; null where no text is known behind the vector`),
    column("truncated", "INTEGER", `${truncatedTokens}; null where no text is known behind it`),
    column(
      "chunks",
      "INTEGER",
      "pieces the texts were cut into, a text's vector is their mean; null where no text is known behind it",
    ),
    column(
      "texts",
      "INTEGER",
      subject === "user"
        ? "vectors averaged: of final texts or, for origin liked items, of items; null for a vector given by path"
        : "final texts whose vectors were averaged; null for a vector given by path",
    ),
    ...(subject === "user"
      ? [
          column(
            "origin",
            "VARCHAR",
            "text, liked items: the mean of the vectors of the items a less active user liked, or file",
          ),
        ]
      : []),
  ],
});

/** A vector for each text, and for each user and item. */
export const embeddingsTables: readonly TableSchema[] = [embeddings("user"), embeddings("item")];

/** A file of texts that `r4ec encode` takes in. */
export const textsTables: readonly TableSchema[] = [
  {
    name: "texts",
    about: "The texts that `r4ec encode` was given; in its work folder only.",
    grain: ["row"],
    order: ["subject_id", "row"],
    columns: [
      column("subject_id", "INTEGER", "id of what the text is about"),
      column("row", "BIGINT", "place in the file, from 1"),
      column("text", "VARCHAR", "as given"),
    ],
  },
];

/** What `r4ec encode` makes of them. */
export const vectorsTables: readonly TableSchema[] = [
  {
    name: "vectors",
    about: "What `r4ec encode` writes; the id goes by its column's name in the file of texts.",
    grain: ["id"],
    order: ["id"],
    columns: [
      column("id", "INTEGER", "as given"),
      column("encoder", "VARCHAR", "name of the encoder"),
      column("encoder_hash", "VARCHAR", encoderHash),
      column("vector", "FLOAT[]", "of one text of unit length, of several texts their mean"),
      column("tokens", "INTEGER", tokensOfTexts),
      column("truncated", "INTEGER", truncatedTokens),
      column("chunks", "INTEGER", "pieces the texts were cut into, a text's vector is their mean"),
    ],
  },
];
