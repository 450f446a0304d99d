/** @file Variants of a model: what it is given besides ids, attributes and history, and its role in comparisons. */
import { z } from "zod";
import { variantRoles, type VariantRole } from "../base/terms.ts";

/** How vectors are dealt to users and items: each its own, each another's, or noise instead. */
export const deal = z.enum(["own", "permuted", "random"]);
export type Deal = z.infer<typeof deal>;

/** Where vectors come from. `name` is the value of the embeddings' column `variant`. */
export type VectorSource =
  | { readonly kind: "knowledge"; readonly name: string }
  | { readonly kind: "stats"; readonly name: "base+stats" }
  | {
      readonly kind: "files";
      readonly name: string;
      readonly items: string | undefined;
      readonly users: string | undefined;
    };

/** A variant with its settings resolved. */
export interface Variant {
  readonly name: string;
  /** The vectors its models get; null for none. */
  readonly vectors: { readonly source: VectorSource; readonly deal: Deal } | null;
  /** Sees the last `train.longHistory` events instead of `train.history`. */
  readonly hasLongHistory: boolean;
  /** Sees the user's id. */
  readonly hasUserId: boolean;
}

/** What a variant is for: base = what all others are compared with; control = what knowledge has to beat. */
export const variantRole = z.enum(variantRoles);

export function roleOf({ vectors, hasLongHistory, hasUserId }: Variant): VariantRole {
  if (hasLongHistory || hasUserId) return "control";
  if (vectors === null) return "base";
  return vectors.deal === "own" && vectors.source.kind !== "stats" ? "knowledge" : "control";
}

/** The sources of all vectors that the variants need, in their order, without duplicates. */
export function vectorSources(variants: readonly Variant[]): readonly VectorSource[] {
  const sources = variants.flatMap(({ vectors }) => vectors?.source ?? []);
  return [...new Map(sources.map((source) => [source.name, source])).values()];
}
