import type { SamplesSettings } from "../dataset/settings.ts";
import type { EncodeBlock } from "../encode/settings.ts";
import type { FinetuneSettings } from "../finetune/settings.ts";
import type { KnowledgeSettings } from "../knowledge/settings.ts";
import type { TrainSettings } from "../train/settings.ts";
import type { Variant } from "../train/variants.ts";
import {
  playedAdapters,
  withServedNames,
  type PlayedAdapter,
} from "./elsewhere/played-adapters.ts";
import type { Texts } from "./variants/knowledge-of-variant.ts";
import { resolveVariants, type ResolvedVariants } from "./variants/resolve-variants.ts";
import type { VariantSetting } from "./variants/variant-setting.ts";
import { variantsByEncoder } from "./variants/variants-by-encoder.ts";

/** What the blocks of a pipeline file come to together; worked out once, when the file is parsed. */
export interface ResolvedSettings extends ResolvedVariants {
  /** `samples`, with as much history as the variants see. */
  readonly samples: SamplesSettings;
  readonly train: TrainSettings;
  /** The roles that are played with what is trained elsewhere. */
  readonly played: readonly PlayedAdapter[];
}

/** The blocks that decide one another. */
interface Blocks {
  readonly samples: SamplesSettings;
  readonly knowledge: KnowledgeSettings;
  readonly finetune?: FinetuneSettings | undefined;
  readonly encode: EncodeBlock;
  readonly train: TrainSettings & { readonly variants: readonly VariantSetting[] };
}

export function resolveSettings({
  samples,
  knowledge,
  finetune,
  encode,
  train: { variants: listed, ...train },
}: Blocks): ResolvedSettings {
  const variants = variantsByEncoder(listed, encode);
  const resolved = resolveVariants({ variants, knowledge, encode });
  const { texts } = resolved;
  // Without a variant that has texts, the block itself says who would play.
  const written = texts.length === 0 ? [knowledge] : texts.map((each) => each.knowledge);
  const played = playedAdapters(written, finetune);
  return {
    ...{ ...resolved, ...withNames(resolved, played), played },
    ...withLongHistory(samples, train, resolved.variants),
  };
}

/** Texts, and the vectors made of them, by the models that servers serve. */
function withNames(
  { texts, vectors }: ResolvedVariants,
  played: readonly PlayedAdapter[],
): Pick<ResolvedVariants, "texts" | "vectors"> {
  const named = new Map(
    texts.map((each): [Texts, Texts] => [
      each,
      { ...each, knowledge: withServedNames(each.knowledge, played) },
    ]),
  );
  const namedOf = (each: Texts): Texts => named.get(each) ?? each;
  return {
    texts: [...named.values()],
    vectors: vectors.map((made) => ({ ...made, texts: namedOf(made.texts) })),
  };
}

/**
 * Samples that hold as much history as variant base+history sees, where it is asked for; all other variants then say outright that
 * they see no more than `samples.history`.
 */
function withLongHistory(
  samples: SamplesSettings,
  train: TrainSettings,
  variants: readonly Variant[],
): Pick<ResolvedSettings, "samples" | "train"> {
  if (!variants.some(({ hasLongHistory }) => hasLongHistory)) return { samples, train };
  const { history } = samples;
  const seen = (events: TrainSettings["history"]): number =>
    events === "all" ? history : Math.min(events, history);
  const { grid, search } = train;
  return {
    samples: { ...samples, history: Math.max(history, train.longHistory) },
    train: {
      ...train,
      history: seen(train.history),
      grid: { ...grid, ...(grid.history && { history: grid.history.map(seen) }) },
      search: search?.history && { ...search, history: seenSpace(search.history, seen) },
    },
  };
}

/** What a search draws the events from, each as `seen` has it. */
function seenSpace(
  space: NonNullable<NonNullable<TrainSettings["search"]>["history"]>,
  seen: (events: TrainSettings["history"]) => number,
): NonNullable<TrainSettings["search"]>["history"] {
  return Array.isArray(space)
    ? space.map(seen)
    : { ...space, min: seen(space.min), max: seen(space.max) };
}
