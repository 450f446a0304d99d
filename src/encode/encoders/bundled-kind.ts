import type { EncoderKind } from "../encoder-kind.ts";

/** The encoder that needs no download. The package's version says which one it is. */
export const bundledKind = {
  names: "bundled",
  parse: (name) => (name === "bundled" ? { kind: "bundled" } : null),
  label: () => "bundled",
  threads: 1,
  identity: () => Promise.resolve(null),
  width: async () => {
    const { sentenceEncoderDimension } = await import("../model/sentence-encoder-model.ts");
    return sentenceEncoderDimension;
  },
  open: async (_spec, settings, place) => {
    const { bundledEncoderFolder } = await import("../model/bundled-encoder.ts");
    const { openLocalEncoder } = await import("./local-encoder.ts");
    const folder = await bundledEncoderFolder(place.cacheDir);
    return openLocalEncoder({ folder }, settings, place);
  },
} satisfies EncoderKind<BundledSpec>;

export interface BundledSpec {
  readonly kind: "bundled";
}
