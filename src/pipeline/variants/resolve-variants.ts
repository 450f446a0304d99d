/** @file What `train.variants` comes to: the variants, the texts and the vectors that they need. */
import { canonicalJson, toJson } from "../../base/json.ts";
import { encodeIdentity, overrideEncode } from "../../encode/encode-overrides.ts";
import type { EncodeSettings } from "../../encode/encoder-settings.ts";
import type { EncodeBlock } from "../../encode/settings.ts";
import { sideIdentity, type KnowledgeSettings } from "../../knowledge/settings.ts";
import { vectorSources, type Variant, type VectorSource } from "../../train/variants.ts";
import { knowledgeOfVariant, type KnowledgeBlocks, type Texts } from "./knowledge-of-variant.ts";
import {
  blockOf,
  isKnowledge,
  knowledgeNames,
  nameOf,
  type VariantSetting,
} from "./variant-setting.ts";
import { encoderOf } from "./variants-by-encoder.ts";

/** Vectors that the run makes of texts. */
export interface KnowledgeVectors {
  /** The variant. */
  readonly name: string;
  readonly texts: Texts;
  readonly encode: EncodeSettings;
}

/** What the variants of a run need. */
export interface ResolvedVariants {
  readonly variants: readonly Variant[];
  /** The vectors that the variants need, each once. */
  readonly sources: readonly VectorSource[];
  /** Those of {@link sources} that the run makes of knowledge. */
  readonly vectors: readonly KnowledgeVectors[];
  /** The texts that {@link vectors} are made of, each once. */
  readonly texts: readonly Texts[];
}

/** Blocks that variants depend on. */
export interface VariantBlocks extends KnowledgeBlocks {
  readonly encode: EncodeBlock;
}

/**
 * Resolves `train.variants`. The built-in `permuted` and `random` use r4ec's vectors or, if r4ec is not trained, those of the first
 * knowledge variant. Texts that the same settings ask for are written once.
 *
 * @param blocks - Free of the faults that `variantProblems` finds
 */
export function resolveVariants(blocks: VariantBlocks): ResolvedVariants {
  const variants = variantsOf(blocks.variants);
  const sources = vectorSources(variants);
  const first = new Map<string, Texts>();
  const vectors = sources.flatMap(({ kind, name }): readonly KnowledgeVectors[] => {
    if (kind !== "knowledge") return [];
    const own = textsOf(name, blocks);
    const key = textsIdentity(own.knowledge);
    const texts = first.get(key) ?? own;
    first.set(key, texts);
    return [{ name, texts, encode: encodingOf(name, blocks) }];
  });
  return { variants, sources, vectors, texts: [...first.values()] };
}

/** The variants with where their vectors come from. */
export function variantsOf(settings: readonly VariantSetting[]): readonly Variant[] {
  const sources = sourcesByName(settings);
  const sourceOf = (name: string): VectorSource => {
    const source = sources.get(name);
    if (source === undefined) throw new Error(`internal: variant ${name} has no vectors`);
    return source;
  };
  const names = settings.map(nameOf);
  const isDealt = (name: string): boolean => sources.has(name) && name !== "base+stats";
  const dealtSource = names.includes("r4ec") ? "r4ec" : (names.find(isDealt) ?? "r4ec");
  return settings.map((setting): Variant => {
    const name = nameOf(setting);
    const given = typeof setting === "string" ? null : setting;
    const permuted = name === "permuted" ? dealtSource : given?.permuted;
    const random = name === "random" ? dealtSource : given?.random;
    const from = permuted ?? random ?? (sources.has(name) ? name : undefined);
    const how = permuted !== undefined ? "permuted" : random !== undefined ? "random" : "own";
    return {
      name,
      vectors: from === undefined ? null : { source: sourceOf(from), deal: how },
      hasLongHistory: name === "base+history",
      hasUserId: name === "base+id",
    };
  });
}

/** All sources of vectors: everything the run can make, requested or not, and the files given by path. */
export function sourcesByName(
  settings: readonly VariantSetting[],
): ReadonlyMap<string, VectorSource> {
  const given = settings.flatMap((setting): readonly VectorSource[] => {
    if (typeof setting === "string") return [];
    const { name, items, users } = setting;
    if (isKnowledge(setting)) return [{ kind: "knowledge", name }];
    return items === undefined && users === undefined
      ? []
      : [{ kind: "files", name, items, users }];
  });
  const own = knowledgeNames.map((name) => ({ kind: "knowledge", name }) as const);
  const stats = { kind: "stats", name: "base+stats" } as const;
  return new Map([...own, stats, ...given].map((source) => [source.name, source]));
}

/** The encoder of a knowledge variant. */
function encodingOf(
  name: string,
  { variants, encode }: Pick<VariantBlocks, "variants" | "encode">,
): EncodeSettings {
  const block = blockOf(variants, name);
  return overrideEncode(encoderOf(encode, block?.encoder ?? null), block?.encode);
}

/** Equal for variants whose vectors are made in the same way of the same texts. */
export function vectorsIdentity({ texts, encode }: KnowledgeVectors): string {
  return `${textsIdentity(texts.knowledge)} ${encodeIdentity(encode)}`;
}

function textsIdentity(knowledge: KnowledgeSettings): string {
  return canonicalJson(toJson([sideIdentity(knowledge, "user"), sideIdentity(knowledge, "item")]));
}

function textsOf(name: string, blocks: KnowledgeBlocks): Texts {
  const found = knowledgeOfVariant(name, blocks);
  if (!found.isOk) throw new Error(`internal: variant ${name} has no knowledge`);
  return found.texts;
}
