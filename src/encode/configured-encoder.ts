import path from "node:path";
import { FlowError } from "../base/errors.ts";
import { bundledEncoderFolder } from "./model/bundled-encoder.ts";
import { describeEncoder, type EncoderSource } from "./model/describe-encoder.ts";
import { openEncoder, type Encoder } from "./model/encoder.ts";
import { hasFile } from "./folder/encoder-folder.ts";
import { encoderPresets } from "./folder/encoder-presets.ts";
import { encoderSpec, type PresetName } from "./folder/encoder-spec.ts";
import { manualSteps } from "./hub/fetch-encoder.ts";
import { remoteHash } from "./remote/remote-identity.ts";
import type { EncodeSettings } from "./settings.ts";

/** Where an encoder is opened. */
interface EncoderPlace {
  /** For what can be made again, such as the converted bundled encoder. Absolute. */
  readonly cacheDir: string;
  /** Threads a batch is computed with, unless the settings say. */
  readonly threads: number;
}

/**
 * Opens the encoder on this machine that the settings name.
 *
 * @throws FlowError `CONFIG_INVALID`, `INPUT_INVALID` or `DEPENDENCY_MISSING`, saying what is missing and how to get it
 */
export async function configuredEncoder(
  settings: EncodeSettings,
  { cacheDir, threads }: EncoderPlace,
): Promise<Encoder> {
  const spec = encoderSpec(settings.encoder);
  switch (spec.kind) {
    case "bundled":
    case "folder":
    case "preset": {
      const source = await localSource(settings, () => bundledEncoderFolder(cacheDir));
      const { providers, sessions = 1 } = settings;
      const int8Dir = settings.cache ?? path.join(cacheDir, "encoders");
      return openEncoder({
        ...{ ...source, int8Dir, providers, sessions },
        threads: settings.threads ?? threads,
      });
    }
    case "openai":
      throw new Error("internal: a remote encoder is opened with the run's spending");
  }
}

/** See `configuredIdentity`; of every encoder but the bundled one. */
export async function identityOf(settings: EncodeSettings): Promise<string> {
  const spec = encoderSpec(settings.encoder);
  if (spec.kind === "openai") return remoteHash(spec.model, settings);
  const source = await localSource(settings, () => Promise.reject(new Error("internal: bundled")));
  return (await describeEncoder(source)).hash;
}

async function localSource(
  settings: EncodeSettings,
  bundledFolder: () => Promise<string>,
): Promise<EncoderSource> {
  const { pooling, normalize, prefix, output, maxTokens, globalTokens, overlong, precision } =
    settings;
  const common = {
    overrides: { pooling, normalize, prefix, output, maxTokens, globalTokens },
    overlong,
    precision,
  };
  const spec = encoderSpec(settings.encoder);
  switch (spec.kind) {
    case "bundled":
      return { ...common, folder: await bundledFolder() };
    case "folder":
      return { ...common, folder: path.resolve(spec.path) };
    case "preset":
      return {
        ...common,
        folder: await presetFolder(spec.name, settings.cache),
        preset: spec.name,
      };
    case "openai":
      throw new Error("internal: a remote encoder has no files");
  }
}

async function presetFolder(name: PresetName, cache: string | undefined): Promise<string> {
  if (cache === undefined) {
    throw new FlowError(
      "CONFIG_INVALID",
      `encoder ${name}: set encode.cache to the folder it is in`,
    );
  }
  const folder = path.join(cache, name);
  if (await hasFile(folder)) return folder;
  const { hubId } = encoderPresets[name];
  throw new FlowError(
    "INPUT_INVALID",
    `encoder ${name} is not in ${cache}: get it with \`r4ec fetch ${name}\`. ${manualSteps(hubId, folder)}`,
  );
}
