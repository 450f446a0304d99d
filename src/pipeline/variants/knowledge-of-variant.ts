/** @file The knowledge that a variant stands for. */
import type { z } from "zod";
import { overrideKnowledge } from "../../knowledge/knowledge-overrides.ts";
import {
  knowledgeSettings,
  withStrategy,
  type KnowledgeSettings,
} from "../../knowledge/settings.ts";
import {
  blockOf,
  isKnowledge,
  knowledgeNames,
  nameOf,
  type KnowledgeName,
  type VariantSetting,
} from "./variant-setting.ts";

/** The blocks that say what knowledge variants have. */
export interface KnowledgeBlocks {
  readonly variants: readonly VariantSetting[];
  readonly knowledge: KnowledgeSettings;
}

/** Texts that the run writes, under the name of the variant whose settings say how. */
export interface Texts {
  readonly name: string;
  readonly knowledge: KnowledgeSettings;
}

/** Why a variant has no knowledge. */
export type KnowledgeFault =
  | { readonly kind: "unknown"; readonly name: string; readonly known: readonly string[] }
  | { readonly kind: "circle"; readonly names: readonly string[] }
  | {
      readonly kind: "settings";
      readonly issues: readonly z.core.$ZodIssue[];
      /** What was checked, as the `knowledge` block. */
      readonly given: object;
    };

export type KnowledgeOfVariant =
  | { readonly isOk: true; readonly texts: Texts }
  | { readonly isOk: false; readonly fault: KnowledgeFault };

/**
 * Finds the texts that a variant with knowledge stands on.
 *
 * @param through - The variants that led here
 */
export function knowledgeOfVariant(
  name: string,
  blocks: KnowledgeBlocks,
  through: readonly string[] = [],
): KnowledgeOfVariant {
  const names = [...through, name];
  if (through.includes(name)) return failed({ kind: "circle", names });
  const block = blockOf(blocks.variants, name);
  const builtIn = knowledgeNames.find((one) => one === name);
  const { knowledge } = blocks;
  const plain = written({
    name,
    knowledge: builtIn === undefined ? knowledge : knowledgeNamed(builtIn, knowledge),
  });
  if (block === undefined) return builtIn === undefined ? unknown(name, blocks) : plain;
  if (!isKnowledge(block)) return unknown(name, blocks);
  const { knowledge: own } = block;
  if (own === undefined) {
    return name === "r4ec" ? plain : knowledgeOfVariant("r4ec", blocks, names);
  }
  if (typeof own === "string") return knowledgeOfVariant(own, blocks, names);
  const base = own.from === undefined ? plain : knowledgeOfVariant(own.from, blocks, names);
  if (!base.isOk) return base;
  const given = overrideKnowledge(base.texts.knowledge, own);
  const checked = knowledgeSettings.safeParse(given);
  return checked.success
    ? written({ name, knowledge: checked.data })
    : failed({ kind: "settings", issues: checked.error.issues, given });
}

/** How a variant that needs no block comes to its knowledge. */
function knowledgeNamed(name: KnowledgeName, knowledge: KnowledgeSettings): KnowledgeSettings {
  switch (name) {
    case "r4ec":
      return knowledge;
    case "r2ec":
      return withStrategy(knowledge, "reason");
    case "kar":
      return withStrategy(knowledge, "kar");
  }
}

function written(texts: Texts): KnowledgeOfVariant {
  return { isOk: true, texts };
}

function failed(fault: KnowledgeFault): KnowledgeOfVariant {
  return { isOk: false, fault };
}

function unknown(name: string, { variants }: KnowledgeBlocks): KnowledgeOfVariant {
  const known = [...knowledgeNames, ...variants.filter(isKnowledge).map(nameOf)];
  return failed({ kind: "unknown", name, known: [...new Set(known)] });
}
