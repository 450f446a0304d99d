import type { RowSizes } from "../engine/model-inputs.ts";
import type { ItemFeatures } from "./item-features.ts";
import type { UserFeatures } from "./user-features.ts";
import type { Knowledge } from "./vectors.ts";

/** A model's features. */
export interface ModelFeatures {
  /** `H`, as the samples were loaded. */
  readonly history: number;
  readonly items: ItemFeatures;
  /** Whether rows have weights; default false. */
  readonly isWeighted?: boolean;
  /** Absent = no user features. */
  readonly userFeatures?: UserFeatures;
  /** Absent = no knowledge (Base). */
  readonly knowledge?: Knowledge;
}

/** The row sizes that features imply. */
export function rowSizes(features: ModelFeatures): RowSizes {
  const { history, items, isWeighted, userFeatures, knowledge } = features;
  return {
    history,
    attributeSlots: items.attributeSlots,
    ...(isWeighted && { isWeighted }),
    ...(userFeatures && {
      userFeatures: { fields: userFeatures.fields, values: userFeatures.values },
    }),
    ...(knowledge && {
      knowledge: {
        ...(knowledge.user && { userDim: knowledge.user.width }),
        ...(knowledge.item && { itemDim: knowledge.item.width }),
      },
    }),
  };
}
