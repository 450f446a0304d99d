/** @file `train.variants` of a pipeline file: what models are given besides ids, attributes and history. */
import { z } from "zod";
import { encodeOverrides } from "../../encode/encode-overrides.ts";
import { knowledgeOverrides } from "../../knowledge/knowledge-overrides.ts";

/** Knowledge that needs no block: `r4ec` by `knowledge.strategy`, `r2ec` by strategy reason, `kar` by strategy kar. */
export const knowledgeNames = ["r4ec", "r2ec", "kar"] as const;
export type KnowledgeName = (typeof knowledgeNames)[number];

const controls = ["base+history", "base+id", "base+stats", "permuted", "random"] as const;

/** Variants that are always the same: no block may have their names. */
export const reservedNames = ["base", ...controls] as const;

/** Variants that a pipeline file can name without a block. */
export const variantNames = ["base", ...knowledgeNames, ...controls] as const;

const file = z.string().min(1);

const variantBlock = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w+.@-]*$/, "a letter or digit, then letters, digits, - _ + . and @ only")
    .describe("The variant's name in tables and report."),
  knowledge: z
    .union([z.string(), knowledgeOverrides])
    .optional()
    .describe(
      "Knowledge of its own: settings that override those of the knowledge block. Or the name of another variant, whose texts are encoded by another encoder.",
    ),
  encode: encodeOverrides.optional(),
  encoder: z
    .string()
    .optional()
    .describe(
      "Which encoder: the folder or model name of one in encode.encoder other than the first.",
    ),
  items: file
    .optional()
    .describe(
      "Item vectors: a Parquet file or glob with item_id (or id), as in the source, and vector, or a run folder.",
    ),
  users: file.optional().describe("User vectors, likewise with user_id (or id)."),
  permuted: z
    .string()
    .optional()
    .describe("Control: this variant's vectors, dealt to the wrong users and items."),
  random: z
    .string()
    .optional()
    .describe("Control: noise of the same mean length instead of this variant's vectors."),
});

/** A variant with settings of its own. */
export type VariantBlock = z.infer<typeof variantBlock>;

/** An element of `train.variants`. */
export const variantSetting = z.union([z.enum(variantNames), variantBlock]);
export type VariantSetting = z.infer<typeof variantSetting>;

/** `train.variants` of a pipeline file. */
export const variantsSetting = z
  .array(variantSetting)
  .min(1)
  .default(["base", "r4ec"])
  .describe(
    "what models are given besides ids and history; all train on the same rows. base: no knowledge. r4ec: the run's knowledge; r2ec, kar: knowledge by strategies reason and kar. " +
      "{ name, knowledge }: knowledge by other settings, such as { strategy: filter } or { reflector: { model: NAME } }. { name, encode } or { name, knowledge: NAME, encode }: knowledge by another encoder. " +
      "Controls: base+history (longHistory events), base+id (the user's id), base+stats (mean rating, count, like rate), " +
      "permuted (others' vectors), random (noise). { name, items, users }: vectors from files. { name, permuted } or { name, random }: controls of any other variant.",
  );

/** The name of a variant. */
export function nameOf(setting: VariantSetting): string {
  return typeof setting === "string" ? setting : setting.name;
}

/** The blocks of the list by name. */
export function blockOf(
  settings: readonly VariantSetting[],
  name: string,
): VariantBlock | undefined {
  return settings.find(
    (setting): setting is VariantBlock => typeof setting !== "string" && setting.name === name,
  );
}

/** Whether a variant's vectors are made of knowledge that the run writes. */
export function isKnowledge(setting: VariantSetting): boolean {
  if (typeof setting === "string") return knowledgeNames.some((name) => name === setting);
  return [setting.knowledge, setting.encode, setting.encoder].some((given) => given !== undefined);
}
