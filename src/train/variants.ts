/** @file The variants of a model: what it is given besides ids, attributes and history, and what that is compared for. */
import { variantRoles, type VariantRole } from "../base/terms.ts";
import { z } from "zod";

/** Knowledge that the run makes itself: `r4ec` as `knowledge.strategy` says, `r2ec` by strategy reason, `kar` by strategy kar. */
export const strategyVariants = ["r4ec", "r2ec", "kar"] as const;
export type StrategyVariant = (typeof strategyVariants)[number];

const controls = ["base+history", "base+id", "base+stats", "permuted", "random"] as const;

/** Variants that a pipeline file names without saying more. */
export const variantNames = ["base", ...strategyVariants, ...controls] as const;

const file = z.string().min(1);

const variantBlock = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w+.@-]*$/, "a letter or digit, then letters, digits, - _ + . and @ only")
    .describe("What the variant is called in tables and report."),
  items: file
    .optional()
    .describe(
      "Vectors of items: a Parquet file or glob with item_id (or id) and vector, or the folder of a run.",
    ),
  users: file.optional().describe("Vectors of users, likewise with user_id (or id)."),
  knowledge: z
    .enum(strategyVariants)
    .optional()
    .describe("The knowledge of this variant, encoded by another of the run's encoders."),
  encoder: z
    .string()
    .optional()
    .describe(
      "Of the encoders in encode.encoder behind the first: the name of its folder or model.",
    ),
  permuted: z
    .string()
    .optional()
    .describe("Control: the vectors of this variant, dealt to the wrong users and items."),
  random: z
    .string()
    .optional()
    .describe("Control: noise in place of the vectors of this variant, as long on average."),
});

/** An element of `train.variants`. */
export const variantSetting = z.union([z.enum(variantNames), variantBlock]);
export type VariantSetting = z.infer<typeof variantSetting>;

/** How vectors are dealt to users and items: to their own, to wrong ones, or noise in their place. */
export const deal = z.enum(["own", "permuted", "random"]);
export type Deal = z.infer<typeof deal>;

/** Where vectors come from. `name` is what the column `variant` of the embeddings says. */
export type VectorSource =
  | {
      readonly kind: "strategy";
      readonly name: string;
      readonly strategy: StrategyVariant;
      /** Label of one of the run's encoders; null: the first. */
      readonly encoder: string | null;
    }
  | { readonly kind: "stats"; readonly name: "base+stats" }
  | {
      readonly kind: "files";
      readonly name: string;
      readonly items: string | undefined;
      readonly users: string | undefined;
    };

/** A variant, complete. */
export interface Variant {
  readonly name: string;
  /** The vectors its models are given; null for none. */
  readonly vectors: { readonly source: VectorSource; readonly deal: Deal } | null;
  /** Sees the last `train.longHistory` events in place of the usual ones. */
  readonly hasLongHistory: boolean;
  /** Sees the user's id. */
  readonly hasUserId: boolean;
}

/** What a variant is for: what others are compared with, what knowledge has to beat, or knowledge. */
export const variantRole = z.enum(variantRoles);

export function roleOf({ vectors, hasLongHistory, hasUserId }: Variant): VariantRole {
  if (hasLongHistory || hasUserId) return "control";
  if (vectors === null) return "base";
  return vectors.deal === "own" && vectors.source.kind !== "stats" ? "knowledge" : "control";
}

/** A fault in the list of variants that only the list as a whole shows. */
export interface VariantFault {
  /** In the list, from 0. */
  readonly place: number;
  /** The setting at fault of that variant's block; null: the name, which a variant without a block is as a whole. */
  readonly key: "permuted" | "random" | "encoder" | null;
  readonly message: string;
  /** The name that is not known, and those that are. */
  readonly unknown?: { readonly name: string; readonly known: readonly string[] };
}

/**
 * What is wrong with a list of variants; nothing for one that {@link variantsOf} takes.
 *
 * @param encoders - labels of the run's encoders behind the first
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
        add(`"${name}" is built in; give the variant a name of its own, or write the name alone`);
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
        add(`no further encoder "${encoder}" in encode.encoder`, {
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
    if (names.indexOf(name) < place) add(`"${name}" is there twice`);
    return faults;
  });
}

/**
 * The variants of `train.variants`. `permuted` and `random` take the vectors of r4ec or, where only other knowledge is
 * trained, of the first.
 *
 * @param settings - Without {@link variantFaults}
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
  const dealtAnew = names.includes("r4ec") ? "r4ec" : (names.find(isKnowledge) ?? "r4ec");
  return settings.map((setting): Variant => {
    const name = nameOf(setting);
    const given = typeof setting === "string" ? null : setting;
    const permuted = name === "permuted" ? dealtAnew : given?.permuted;
    const random = name === "random" ? dealtAnew : given?.random;
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

/** The vectors that the variants need, each source once, in the order of the variants. */
export function vectorSources(variants: readonly Variant[]): readonly VectorSource[] {
  const sources = variants.flatMap(({ vectors }) => vectors?.source ?? []);
  return [...new Map(sources.map((source) => [source.name, source])).values()];
}

/** Whatever has vectors of its own: what the run can make, asked for or not, and the tables given by path. */
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
