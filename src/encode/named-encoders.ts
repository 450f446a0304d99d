import type { EncodeSettings } from "./encoder-settings.ts";
import { encoderLabel } from "./encoders/encoder-kinds.ts";
import type { EncodeBlock } from "./settings.ts";

/** An encoder that a pipeline file names. */
export interface NamedEncoder {
  /** Distinguishes it from the others: `bert-base`, or the name of a folder or model. */
  readonly label: string;
  readonly settings: EncodeSettings;
}

/** The encoders in their order. If two have the same label, the later one gets a number. */
export function namedEncoders({ encoder, ...common }: EncodeBlock): readonly NamedEncoder[] {
  const taken = new Set<string>();
  return [encoder].flat().map((spec): NamedEncoder => {
    const wanted = encoderLabel(spec);
    let label = wanted;
    for (let number = 2; taken.has(label); number++) label = `${wanted}-${number}`;
    taken.add(label);
    return { label, settings: { ...common, encoder: spec } };
  });
}
