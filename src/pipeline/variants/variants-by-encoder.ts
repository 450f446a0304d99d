import { namedEncoders } from "../../encode/named-encoders.ts";
import type { EncodeSettings } from "../../encode/encoder-settings.ts";
import type { EncodeBlock } from "../../encode/settings.ts";
import {
  blockOf,
  isKnowledge,
  nameOf,
  type VariantBlock,
  type VariantSetting,
} from "./variant-setting.ts";

/**
 * The variants, and one more for each knowledge variant and further encoder, called `r4ec@bert-base`: the same texts by another
 * encoder. A variant that is already there is not added, and one that names its own encoder stays with that.
 */
export function variantsByEncoder(
  variants: readonly VariantSetting[],
  encode: EncodeBlock,
): readonly VariantSetting[] {
  return variants.flatMap((variant) => [
    variant,
    ...added(variant, encode).filter(({ name }) => blockOf(variants, name) === undefined),
  ]);
}

/** Labels of the encoders after the first. */
export function furtherEncoders(encode: EncodeBlock): readonly string[] {
  return namedEncoders(encode)
    .slice(1)
    .map(({ label }) => label);
}

/** The settings of the encoder with a label; of the first without one. */
export function encoderOf(encode: EncodeBlock, label: string | null): EncodeSettings {
  const found = namedEncoders(encode).find((encoder, place) =>
    label === null ? place === 0 : encoder.label === label,
  );
  if (found === undefined) throw new Error(`internal: no encoder ${label ?? ""}`);
  return found.settings;
}

function added(variant: VariantSetting, encode: EncodeBlock): readonly VariantBlock[] {
  if (!isKnowledge(variant)) return [];
  const block = typeof variant === "string" ? undefined : variant;
  if (block?.encode !== undefined || block?.encoder !== undefined) return [];
  const knowledge = nameOf(variant);
  return furtherEncoders(encode).map((encoder) => ({
    name: `${knowledge}@${encoder}`,
    knowledge,
    encoder,
  }));
}
