/** @file What made every variant. */
import { variantOrigins } from "../../base/terms.ts";
import { column, type TableSchema } from "./schema.ts";

const ofRole = (role: "actor" | "reflector"): TableSchema["columns"] => [
  column(`${role}_provider`, "VARCHAR", `who plays the ${role}; null where nobody does`),
  column(`${role}_model`, "VARCHAR", `the ${role}'s model, as its provider knows it`),
  column(`${role}_sampling`, "VARCHAR", `how the ${role}'s answers are sampled, JSON`),
];

/**
 * The provenance of knowledge, vectors, results and comparisons, by their column `variant`.
 */
export const variantsTables: readonly TableSchema[] = [
  {
    name: "variants",
    about:
      "What made every variant: knowledge, vectors, results and comparisons name it in their column variant (or baseline).",
    grain: ["variant", "subject"],
    order: ["variant", "subject"],
    columns: [
      column("variant", "VARCHAR", "variant, as in knowledge, embeddings, results and comparisons"),
      column("subject", "VARCHAR", "user or item: whose vectors the rest of the row is about"),
      column(
        "role",
        "VARCHAR",
        "base, control or knowledge; texts: not trained itself, others encode or deal what it has",
      ),
      column(
        "origin",
        "VARCHAR",
        `where its vectors come from: ${variantOrigins.join(", ")}; unknown = files by path that no run wrote`,
      ),
      column("vectors_of", "VARCHAR", "variant whose vectors it is dealt; null without vectors"),
      column("deal", "VARCHAR", "own, permuted or random; null without vectors"),
      column("texts_of", "VARCHAR", "variant whose texts are encoded; null without texts"),
      column(
        "imported_from",
        "VARCHAR",
        "name of the run that made the vectors; null for this run",
      ),
      column("strategy", "VARCHAR", "reason, iterate, filter or kar; null without texts"),
      column("rounds", "INTEGER", "iterate: T, the most refinements; otherwise null"),
      column("samples", "INTEGER", "filter: N, texts per subject; otherwise null"),
      ...ofRole("actor"),
      ...ofRole("reflector"),
      column(
        "prompt_versions",
        "VARCHAR[]",
        "versions of the prompts or rules that its texts were written by; null for other runs' texts",
      ),
      column("encoder", "VARCHAR", "encoder name; null without vectors"),
      column(
        "encoder_hash",
        "VARCHAR",
        "hash of the encoder's files and settings; null if unknown",
      ),
      column("protocol", "VARCHAR", "protocol of the split; null where the origin is unknown"),
      column(
        "train_until",
        "TIMESTAMP",
        "last instant of training rows, UTC; null under protocol reference, which splits each user apart",
      ),
      column("test_from", "TIMESTAMP", "first instant of test rows, UTC; null likewise"),
      column("contexts", "VARCHAR", "which events the texts may know of: the contexts block, JSON"),
      column(
        "data_fingerprint",
        "VARCHAR",
        "see data_fingerprint; null where the origin is unknown",
      ),
    ],
  },
];
