import path from "node:path";
import { toJson } from "../flow/json.ts";
import { readEncoderCard, type CardOverrides, type EncoderCard } from "./encoder-card.ts";
import { findEncoderFiles, type EncoderFiles } from "./encoder-folder.ts";
import { encoderHash } from "./encoder-hash.ts";
import { encoderPresets } from "./encoder-presets.ts";
import type { PresetName } from "./encoder-spec.ts";
import { externalDataFiles } from "./external-data.ts";
import type { Overlong } from "./text-cutter.ts";

/** What an encoder is made of: its vectors depend on all of this. */
export interface EncoderSource {
  /** A folder of `model.onnx`, `tokenizer.json` and `config.json`. */
  readonly folder: string;
  /** The known encoder that the folder is of. */
  readonly preset?: PresetName;
  /** What counts instead of what the folder says. */
  readonly overrides?: CardOverrides;
  /** Default chunks. */
  readonly overlong?: Overlong;
}

/** An encoder that is not open: what it is, and whether its files are all there. */
export async function describeEncoder(source: EncoderSource): Promise<{
  readonly files: EncoderFiles;
  readonly card: EncoderCard;
  readonly hash: string;
}> {
  const { folder, preset: name, overrides, overlong = "chunks" } = source;
  const files = await findEncoderFiles(folder);
  const preset = name && { name, ...encoderPresets[name] };
  const card = await readEncoderCard(files, overrides, preset);
  const weights = [files.model, ...(await externalDataFiles(files.model))];
  const relative = [...weights, files.tokenizer, files.config].map((file) =>
    path.relative(folder, file),
  );
  return { files, card, hash: await encoderHash(folder, relative, toJson({ card, overlong })) };
}
