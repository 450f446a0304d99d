import { basename, resolve } from "node:path";
import type { EncoderKind } from "../encoder-kind.ts";
import { toLabel } from "./to-label.ts";

/** A folder of `model.onnx`, `tokenizer.json` and `config.json`. Its path has a slash or begins with a dot, so that a misspelt name is no folder. */
export const folderKind = {
  names: "a folder such as ./encoders/mine",
  parse: (name) =>
    /[/\\]/.test(name) || name.startsWith(".") ? { kind: "folder", path: name } : null,
  label: ({ path }) => toLabel(basename(resolve(path))),
  threads: "all",
  identity: async ({ path }, settings) => {
    const { localIdentity } = await import("./local-encoder.ts");
    return localIdentity({ folder: resolve(path) }, settings);
  },
  width: async ({ path }, settings) => {
    const { localWidth } = await import("./local-encoder.ts");
    return localWidth({ folder: resolve(path) }, settings);
  },
  open: async ({ path }, settings, place) => {
    const { openLocalEncoder } = await import("./local-encoder.ts");
    return openLocalEncoder({ folder: resolve(path) }, settings, place);
  },
} satisfies EncoderKind<FolderSpec>;

export interface FolderSpec {
  readonly kind: "folder";
  readonly path: string;
}
