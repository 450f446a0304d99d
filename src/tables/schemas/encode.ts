/** @file Tables of the stage encode and of `r4ec encode`. */
import type { Subject } from "../../base/terms.ts";
import { userId, itemId, knowledgeVariant } from "./columns.ts";
import { column, type TableSchema } from "./schema.ts";

const encoderHash =
  "hash of the encoder's files and settings: equal hashes give equal vectors for equal texts";
const tokensOfTexts =
  "tokens of the texts by the encoder's tokenizer; for a remote encoder without one, a share of the server's count";
const truncatedTokens = "tokens cut off and not part of the vector; 0 = none";

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
      "encoder name; the variant for vectors given by path that do not name one",
    ),
    column(
      "encoder_hash",
      "VARCHAR",
      `${encoderHash}; null for vectors given by path that do not say`,
    ),
    column(
      "vector",
      "FLOAT[]",
      "embedding: unit length for one text unless the encoder says otherwise, the mean of several",
    ),
    column("tokens", "INTEGER", `${tokensOfTexts}; null when the vector's text is unknown`),
    column("truncated", "INTEGER", `${truncatedTokens}; null when the vector's text is unknown`),
    column(
      "chunks",
      "INTEGER",
      "chunks the texts were cut into; a text's vector is their mean; null when the vector's text is unknown",
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
    about: "The texts given to `r4ec encode`; only in its work folder.",
    grain: ["row"],
    order: ["subject_id", "row"],
    columns: [
      column("subject_id", "INTEGER", "id of the text's subject, or its number in text_ids"),
      column("row", "BIGINT", "place in the file, from 1"),
      column("text", "VARCHAR", "as given"),
    ],
  },
  {
    name: "text_ids",
    about: "The ids given to `r4ec encode`, numbered, unless all are 32-bit integers.",
    grain: ["subject_id"],
    order: ["subject_id"],
    columns: [
      column("subject_id", "INTEGER", "number of the id, from 1, in byte order of the ids"),
      column("id", "VARCHAR", "as given"),
    ],
  },
];

/** What `r4ec encode` makes of them. */
export const vectorsTables: readonly TableSchema[] = [
  {
    name: "vectors",
    about: "What `r4ec encode` writes; the id column keeps its name from the file of texts.",
    grain: ["id"],
    order: ["id"],
    columns: [
      column("id", "INTEGER", "as given, as text where it is no 32-bit integer"),
      column("encoder", "VARCHAR", "name of the encoder"),
      column("encoder_hash", "VARCHAR", encoderHash),
      column("vector", "FLOAT[]", "unit length for one text, the mean of several"),
      column("tokens", "INTEGER", tokensOfTexts),
      column("truncated", "INTEGER", truncatedTokens),
      column("chunks", "INTEGER", "chunks the texts were cut into; a text's vector is their mean"),
    ],
  },
  {
    name: "text_requests",
    about: "Every text that `r4ec encode` asked a server about; only in its work folder.",
    grain: ["id", "sample"],
    order: ["id", "sample"],
    columns: [
      column("id", "INTEGER", "as given, or its number in text_ids"),
      column("sample", "INTEGER", "which of the id's texts, from 0"),
      column("status", "VARCHAR", "ok, rejected, filtered or failed: no vector"),
      column("attempts", "INTEGER", "how often it was sent; 0 for one that was cached"),
      column("error", "VARCHAR", "why there is no vector; null for ok"),
    ],
  },
];
