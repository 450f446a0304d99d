import { join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { hasFile } from "../folder/encoder-folder.ts";
import { encoderPresets, isPreset, type PresetName } from "../folder/encoder-presets.ts";
import type { EncoderKind } from "../encoder-kind.ts";

/** An encoder that is known by name, in the folder that `r4ec fetch` puts it. */
export const presetKind = {
  names: Object.keys(encoderPresets).join(", "),
  parse: (name) => (isPreset(name) ? { kind: "preset", name } : null),
  label: ({ name }) => name,
  threads: "all",
  identity: async ({ name }, settings) => {
    const { localIdentity } = await import("./local-encoder.ts");
    const folder = await presetFolder(name, settings.cache);
    return localIdentity({ folder, preset: name }, settings);
  },
  width: ({ name }) => Promise.resolve(encoderPresets[name].dimension),
  open: async ({ name }, settings, place) => {
    const { openLocalEncoder } = await import("./local-encoder.ts");
    const folder = await presetFolder(name, settings.cache);
    return openLocalEncoder({ folder, preset: name }, settings, place);
  },
} satisfies EncoderKind<PresetSpec>;

export interface PresetSpec {
  readonly kind: "preset";
  readonly name: PresetName;
}

async function presetFolder(name: PresetName, cache: string | undefined): Promise<string> {
  if (cache === undefined) {
    throw new FlowError(
      "CONFIG_INVALID",
      `encoder ${name}: set encode.cache to the folder it is in`,
    );
  }
  const folder = join(cache, name);
  if (await hasFile(folder)) return folder;
  const { manualSteps } = await import("../hub/manual-steps.ts");
  throw new FlowError(
    "INPUT_INVALID",
    `encoder ${name} is not in ${cache}: get it with \`r4ec fetch ${name}\`. ${manualSteps(encoderPresets[name].hubId, folder)}`,
  );
}
