import path from "node:path";
import { encoderSpec } from "./folder/encoder-spec.ts";
import type { EncodeBlock, EncodeSettings } from "./settings.ts";

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
    const wanted = labelOf(spec);
    let label = wanted;
    for (let number = 2; taken.has(label); number++) label = `${wanted}-${number}`;
    taken.add(label);
    return { label, settings: { ...common, encoder: spec } };
  });
}

function labelOf(text: string): string {
  const spec = encoderSpec(text);
  switch (spec.kind) {
    case "bundled":
      return "bundled";
    case "preset":
      return spec.name;
    case "folder":
      return inNames(path.basename(path.resolve(spec.path)));
    case "openai":
      return inNames(spec.model.slice(spec.model.lastIndexOf("/") + 1));
  }
}

/** A text with only such characters as names of variants have. */
function inNames(text: string): string {
  return text.replace(/[^\w.+-]+/g, "-") || "encoder";
}
