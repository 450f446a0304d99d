import path from "node:path";
import { FlowError } from "../errors.ts";
import { bundledEncoderFolder } from "./bundled-encoder.ts";
import { openEncoder, type Encoder } from "./encoder.ts";
import { encoderSpec } from "./encoder-spec.ts";
import type { EncodeSettings } from "./settings.ts";

/** Where an encoder is opened. */
export interface EncoderPlace {
  /** For what can be made again, such as the converted bundled encoder. Absolute. */
  readonly cacheDir: string;
  /** Threads a batch is computed with. */
  readonly threads: number;
}

/**
 * Opens the encoder that the settings name.
 *
 * @throws FlowError `CONFIG_INVALID`, `INPUT_INVALID` or `DEPENDENCY_MISSING`, saying what is missing and how to get it
 */
export async function configuredEncoder(
  { encoder }: Pick<EncodeSettings, "encoder">,
  { cacheDir, threads }: EncoderPlace,
): Promise<Encoder> {
  const spec = encoderSpec(encoder);
  switch (spec.kind) {
    case "bundled":
      return openEncoder({ folder: await bundledEncoderFolder(cacheDir), threads });
    case "folder":
      return openEncoder({ folder: path.resolve(spec.path), threads });
    case "preset":
    case "openai":
      throw new FlowError("CONFIG_INVALID", `encode.encoder: ${encoder} cannot be used yet`);
  }
}
