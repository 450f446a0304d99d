import type { EncodeSettings } from "./encoder-settings.ts";
import { encoderLabel } from "./encoders/encoder-kinds.ts";
import type { EncodeBlock } from "./settings.ts";

/** One of the encoders that a pipeline file names. */
export interface NamedEncoder {
  /** Tells it from the others: `bert-base`, a folder's or a model's name. */
  readonly label: string;
  readonly settings: EncodeSettings;
}

/** The encoders in their order. Where two would have one label, a number is put behind the later one's. */
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
