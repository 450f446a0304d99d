import type { SamplesSettings } from "../dataset/settings.ts";
import type { EncodeBlock } from "../encode/settings.ts";
import type { TrainSettings } from "../train/settings.ts";
import { variantsOf, vectorSources, type Variant, type VectorSource } from "../train/variants.ts";
import { variantsByEncoder } from "./variants-by-encoder.ts";

/** What the blocks of a pipeline file come to together; worked out once, when the file is parsed. */
export interface ResolvedSettings {
  /** `samples`, with as much history as the variants see. */
  readonly samples: SamplesSettings;
  /** `train`, with a variant for each knowledge variant and further encoder. */
  readonly train: TrainSettings;
  /** The variants of `train`. */
  readonly variants: readonly Variant[];
  /** The vectors that the variants need, each once. */
  readonly sources: readonly VectorSource[];
}

/** The blocks that decide one another. */
interface Blocks {
  readonly samples: SamplesSettings;
  readonly encode: EncodeBlock;
  readonly train: TrainSettings;
}

export function resolveSettings({ samples, encode, train }: Blocks): ResolvedSettings {
  const settings = { ...train, variants: [...variantsByEncoder(train.variants, encode)] };
  const variants = variantsOf(settings.variants);
  return {
    variants,
    sources: vectorSources(variants),
    ...withLongHistory(samples, settings, variants),
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
