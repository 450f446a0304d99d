/** @file Variants of a model: what it is given besides ids, attributes and history, and its role in comparisons. */
import { variantRoles, type VariantRole } from "../base/terms.ts";
import { z } from "zod";

/** Knowledge that the run makes itself: `r4ec` by `knowledge.strategy`, `r2ec` by strategy reason, `kar` by strategy kar. */
export const strategyVariants = ["r4ec", "r2ec", "kar"] as const;
export type StrategyVariant = (typeof strategyVariants)[number];

const controls = ["base+history", "base+id", "base+stats", "permuted", "random"] as const;

/** Variants that a pipeline file can name without a block. */
export const variantNames = ["base", ...strategyVariants, ...controls] as const;

const file = z.string().min(1);

const variantBlock = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w+.@-]*$/, "a letter or digit, then letters, digits, - _ + . and @ only")
    .describe("The variant's name in tables and report."),
  items: file
    .optional()
    .describe(
      "Item vectors: a Parquet file or glob with item_id (or id), as in the source, and vector, or a run folder.",
    ),
  users: file.optional().describe("User vectors, likewise with user_id (or id)."),
  knowledge: z
    .enum(strategyVariants)
    .optional()
    .describe("Knowledge of this variant, encoded by another of the run's encoders."),
  encoder: z
    .string()
    .optional()
    .describe(
      "Which encoder: the folder or model name of one in encode.encoder other than the first.",
    ),
  permuted: z
    .string()
    .optional()
    .describe("Control: this variant's vectors, dealt to the wrong users and items."),
  random: z
    .string()
    .optional()
    .describe("Control: noise of the same mean length instead of this variant's vectors."),
});

/** An element of `train.variants`. */
export const variantSetting = z.union([z.enum(variantNames), variantBlock]);
export type VariantSetting = z.infer<typeof variantSetting>;

/** How vectors are dealt to users and items: each its own, each another's, or noise instead. */
export const deal = z.enum(["own", "permuted", "random"]);
export type Deal = z.infer<typeof deal>;

/** Where vectors come from. `name` is the value of the embeddings' column `variant`. */
export type VectorSource =
  | {
      readonly kind: "strategy";
      readonly name: string;
      readonly strategy: StrategyVariant;
      /** Label of one of the run's encoders; null = the first. */
      readonly encoder: string | null;
    }
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

/** An error in the list of variants that the schema alone cannot find. */
export interface VariantFault {
  /** Index in the list, from 0. */
  readonly place: number;
  /** The wrong setting in the variant's block; null = its name, or the variant as a whole. */
  readonly key: "permuted" | "random" | "encoder" | null;
  readonly message: string;
  /** The unknown name, and the known ones. */
  readonly unknown?: { readonly name: string; readonly known: readonly string[] };
}

/**
 * Finds what is wrong with a list of variants. {@link variantsOf} needs a list without faults.
 *
 * @param encoders - Labels of the run's encoders other than the first
 */
export function variantFaults(
  settings: readonly VariantSetting[],
  encoders: readonly string[] = [],
): readonly VariantFault[] {
  const sources = sourcesByName(settings);
  const names = settings.map(nameOf);
  return settings.flatMap((setting, place): readonly VariantFault[] => {
    const name = names[place] ?? "";
    const faults: VariantFault[] = [];
    const add = (message: string, rest: Partial<VariantFault> = {}): void => {
      faults.push({ place, key: null, message, ...rest });
    };
    if (typeof setting !== "string") {
      if (variantNames.some((reserved) => reserved === name)) {
        add(`"${name}" is built in; choose another name, or list the name without a block`);
      }
      const isImport = setting.items !== undefined || setting.users !== undefined;
      const { knowledge, encoder } = setting;
      const kinds = [
        isImport,
        knowledge !== undefined && encoder !== undefined,
        setting.permuted !== undefined,
        setting.random !== undefined,
      ];
      const isHalf = (knowledge === undefined) !== (encoder === undefined);
      if (isHalf || kinds.filter(Boolean).length !== 1) {
        add(
          `"${name}" needs items or users (or both), or knowledge and encoder, or permuted, or random`,
        );
      }
      if (encoder !== undefined && !encoders.includes(encoder)) {
        add(`encode.encoder has no further encoder "${encoder}"`, {
          key: "encoder",
          unknown: { name: encoder, known: encoders },
        });
      }
      for (const key of ["permuted", "random"] as const) {
        const of = setting[key];
        if (of === undefined || sources.has(of)) continue;
        if (names.includes(of)) add(`"${of}" has no vectors of its own`, { key });
        else {
          add(`no variant "${of}"`, { key, unknown: { name: of, known: [...sources.keys()] } });
        }
      }
    }
    if (names.indexOf(name) < place) add(`"${name}" is listed twice`);
    return faults;
  });
}

/**
 * Resolves `train.variants`. The built-in `permuted` and `random` use r4ec's vectors or, if r4ec is not trained, those of the first
 * knowledge variant.
 *
 * @param settings - Free of {@link variantFaults}
 */
export function variantsOf(settings: readonly VariantSetting[]): readonly Variant[] {
  const sources = sourcesByName(settings);
  const sourceOf = (name: string): VectorSource => {
    const source = sources.get(name);
    if (source === undefined) throw new Error(`internal: variant ${name} has no vectors`);
    return source;
  };
  const names = settings.map(nameOf);
  const isKnowledge = (name: string): boolean => sources.has(name) && name !== "base+stats";
  const dealtSource = names.includes("r4ec") ? "r4ec" : (names.find(isKnowledge) ?? "r4ec");
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

/** The sources of all vectors that the variants need, in their order, without duplicates. */
export function vectorSources(variants: readonly Variant[]): readonly VectorSource[] {
  const sources = variants.flatMap(({ vectors }) => vectors?.source ?? []);
  return [...new Map(sources.map((source) => [source.name, source])).values()];
}

/** All sources of vectors: everything the run can make, requested or not, and the files given by path. */
function sourcesByName(settings: readonly VariantSetting[]): ReadonlyMap<string, VectorSource> {
  const own: readonly VectorSource[] = [
    ...strategyVariants.map(
      (name) => ({ kind: "strategy", name, strategy: name, encoder: null }) as const,
    ),
    { kind: "stats", name: "base+stats" },
  ];
  const given = settings.flatMap((setting): readonly VectorSource[] => {
    if (typeof setting === "string") return [];
    const { name, items, users, knowledge, encoder } = setting;
    if (knowledge !== undefined && encoder !== undefined) {
      return [{ kind: "strategy", name, strategy: knowledge, encoder }];
    }
    return items === undefined && users === undefined
      ? []
      : [{ kind: "files", name, items, users }];
  });
  return new Map([...given, ...own].map((source) => [source.name, source]));
}

function nameOf(setting: VariantSetting): string {
  return typeof setting === "string" ? setting : setting.name;
}
