import path from "node:path";
import { FlowError } from "../../base/errors.ts";
import { toJson } from "../../base/json.ts";
import { readModel } from "../folder/read-model.ts";
import { quantizerVersion } from "../../onnx/quantize/quantize-model.ts";
import {
  cardIdentity,
  cardWidth,
  readEncoderCard,
  type CardOverrides,
  type EncoderCard,
} from "../folder/encoder-card.ts";
import {
  encoderFiles,
  findEncoderFiles,
  int8Files,
  type EncoderFiles,
} from "../folder/encoder-folder.ts";
import { encoderHash } from "../folder/encoder-hash.ts";
import { encoderPresets, type PresetName } from "../folder/encoder-presets.ts";
import { externalDataFiles } from "../folder/external-data.ts";
import { defaultMaxCharacters } from "../text/limit-text.ts";
import type { Overlong } from "../text/text-cutter.ts";

/** Number format of the weights. */
export type Precision = "fp32" | "int8";

/** Everything that an encoder's vectors depend on. */
export interface EncoderSource {
  /** A folder of `model.onnx`, `tokenizer.json` and `config.json`. */
  readonly folder: string;
  /** The known encoder in the folder. */
  readonly preset?: PresetName;
  /** Override the folder's own settings. */
  readonly overrides?: CardOverrides;
  /** Default chunks. */
  readonly overlong?: Overlong;
  /** Most characters of a text that are read; default {@link defaultMaxCharacters}. */
  readonly maxCharacters?: number;
  /** int8: the folder's own 8-bit model or, where there is none, one made of its float32 model. Default fp32. */
  readonly precision?: Precision;
}

/** Describes an encoder without opening it, and checks that its files are complete. */
export async function describeEncoder(source: EncoderSource): Promise<{
  readonly files: EncoderFiles;
  readonly card: EncoderCard;
  readonly hash: string;
  /** Whether the model file must be quantized to 8 bits. */
  readonly isToQuantize: boolean;
}> {
  const { folder, overlong = "chunks", precision = "fp32" } = source;
  const { maxCharacters = defaultMaxCharacters } = source;
  const { files, card: read } = await readFolder(source);
  const isToQuantize = precision === "int8" && path.basename(files.model) === encoderFiles.model;
  const external = await externalDataFiles(files.model);
  const card = { ...read, name: precision === "int8" ? `${read.name}-int8` : read.name };
  const relative = [files.model, ...external, files.tokenizer, files.config].map((file) =>
    path.relative(folder, file),
  );
  relative.push(...card.layers.flatMap((layer) => ("weights" in layer ? [layer.weights] : [])));
  const settings = {
    card: cardIdentity(card),
    overlong,
    ...(isToQuantize && { quantizerVersion }),
    ...(maxCharacters !== defaultMaxCharacters && { maxCharacters }),
  };
  return { files, card, isToQuantize, hash: await encoderHash(folder, relative, toJson(settings)) };
}

/** Numbers of an encoder's vectors, as its files say; null where they do not, or are not complete. */
export async function encoderWidth(source: EncoderSource): Promise<number | null> {
  try {
    const { card, given } = await readFolder(source);
    return cardWidth(card, given);
  } catch (error) {
    if (error instanceof FlowError) return null; // told when the encoder is described
    throw error;
  }
}

async function readFolder(source: EncoderSource): Promise<{
  readonly files: EncoderFiles;
  readonly card: EncoderCard;
  /** The model's outputs. */
  readonly given: readonly string[];
}> {
  const { folder, preset: name, overrides, precision = "fp32" } = source;
  const models = [encoderFiles.model];
  const files = await findEncoderFiles(
    folder,
    precision === "int8" ? [...int8Files, ...models] : models,
  );
  const given = readModel(files.model).outputs;
  const preset = name && { name, ...encoderPresets[name] };
  return { files, given, card: await readEncoderCard(files, { overrides, given, preset }) };
}
