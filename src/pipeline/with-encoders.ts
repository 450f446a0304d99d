import { namedEncoders } from "../encode/named-encoders.ts";
import { strategyVariants, type VariantSetting } from "../train/variants.ts";
import type { PipelineSettings } from "./settings.ts";

/**
 * The variants with one more for each knowledge variant and further encoder, called `r4ec@bert-base`: the same texts, encoded
 * otherwise. With one encoder the variants are as they were; of a list that has been through here too.
 */
export function variantsByEncoder({
  encode,
  train: { variants },
}: {
  readonly encode: PipelineSettings["encode"];
  readonly train: Pick<PipelineSettings["train"], "variants">;
}): readonly VariantSetting[] {
  return variants.flatMap((variant) => [
    variant,
    ...added(variant, encode).filter(({ name }) => !isNamed(variants, name)),
  ]);
}

/** {@link variantsByEncoder} in place of the variants. */
export function withEncoders(settings: PipelineSettings): PipelineSettings {
  const { train } = settings;
  return { ...settings, train: { ...train, variants: [...variantsByEncoder(settings)] } };
}

/** Labels of the encoders behind the first. */
export function furtherEncoders(encode: PipelineSettings["encode"]): readonly string[] {
  return namedEncoders(encode)
    .slice(1)
    .map(({ label }) => label);
}

function added(
  variant: VariantSetting,
  encode: PipelineSettings["encode"],
): readonly Exclude<VariantSetting, string>[] {
  const knowledge = strategyVariants.find((name) => name === variant);
  if (knowledge === undefined) return [];
  return furtherEncoders(encode).map((encoder) => ({
    name: `${knowledge}@${encoder}`,
    knowledge,
    encoder,
  }));
}

function isNamed(variants: readonly VariantSetting[], name: string): boolean {
  return variants.some((variant) => typeof variant !== "string" && variant.name === name);
}
