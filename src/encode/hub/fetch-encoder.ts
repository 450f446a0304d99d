import path from "node:path";
import { FlowError } from "../../base/errors.ts";
import { fetchRepository, type Download, type FetchFromHub } from "../../hub/fetch-repository.ts";
import { isRepositoryId, type HubFile } from "../../hub/hub-repository.ts";
import { readOnnxModel } from "../../onnx/format/model-reader.ts";
import { readEncoderCard } from "../folder/encoder-card.ts";
import { encoderPresets, isPreset, type PresetName } from "../folder/encoder-presets.ts";
import { isEncoder, wantedHere } from "../folder/encoder-place.ts";
import { externalData } from "../folder/external-data.ts";
import { manualSteps } from "./manual-steps.ts";

export interface FetchOptions extends FetchFromHub {
  /** A known encoder's name, or a repository of the hub such as intfloat/e5-base-v2. */
  readonly name: string;
  /** Folder of fetched encoders, absolute. */
  readonly dir: string;
}

/** Files that are downloaded if the repository has them: what sentence-transformers does besides the model. */
const optionalFiles = [
  /^modules\.json$/,
  /^(?:config_sentence_transformers|sentence_[\w-]+_config|tokenizer_config)\.json$/,
  /^\d+_\w+\/(?:config\.json|model\.safetensors)$/,
];
/** Where a repository may have its model; the first match counts. */
const models = ["model.onnx", "onnx/model.onnx"];

/**
 * Downloads an encoder from the Hugging Face hub: the model with its external weights, tokenizer and configuration, all of one revision,
 * each checked by size and hash. Resumes interrupted downloads. The encoder's folder appears when it is complete; an encoder that
 * is there already is kept.
 *
 * @returns The folder, absolute
 * @throws FlowError `PROVIDER_FAILED` saying which files to put where by hand, `INPUT_INVALID` for a repository without an ONNX
 * encoder, `OUTPUT_FAILED` when anything but an encoder is in its place
 */
export async function fetchEncoder(options: FetchOptions): Promise<string> {
  const { name, dir } = options;
  const preset = isPreset(name) ? name : null;
  const id = preset === null ? name : encoderPresets[preset].hubId;
  if (!isRepositoryId(id)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `"${name}" is neither a known encoder (${Object.keys(encoderPresets).join(", ")}) nor a repository of the hub such as ` +
        "intfloat/e5-base-v2",
    );
  }
  const folder = path.join(dir, name.replace("/", "--"));
  return fetchRepository({
    ...options,
    ...{ id, folder, wanted: wantedHere(isEncoder), manualSteps: manualSteps(id, folder) },
    fill: (download) =>
      getEncoder(download, {
        noModel: () => noModel(`${id} has no ONNX model`, id, folder),
        checkModel: async (model, config) => {
          checkOutputs(model, id, preset, folder);
          const given = readOnnxModel(model).outputs;
          const known = preset === null ? undefined : { name: preset, ...encoderPresets[preset] };
          await readEncoderCard({ folder: download.partial, config }, { given, preset: known });
        },
      }),
  });
}

async function getEncoder(
  { available, find, urlOf, partial, get }: Download,
  {
    noModel,
    checkModel,
  }: {
    readonly noModel: () => FlowError;
    readonly checkModel: (model: string, config: string) => Promise<void>;
  },
): Promise<void> {
  const model = models.flatMap((file) => find(file) ?? [])[0];
  if (model === undefined) throw noModel();
  const sub = path.posix.dirname(model.path);
  const required = ["config.json", "tokenizer.json"].map((file) => {
    const found = find(file) ?? find(path.posix.join(sub, file));
    if (found !== undefined) return found;
    throw new FlowError("INPUT_INVALID", `${urlOf(file)}: the repository has no ${file}`);
  });
  const optional = available.filter(
    (file) => !required.includes(file) && optionalFiles.some((pattern) => pattern.test(file.path)),
  );
  await get([...required, ...optional, model]);

  const modelFile = path.join(partial, model.path);
  await checkModel(modelFile, path.join(partial, required[0]?.path ?? ""));
  const beside = [...externalData(modelFile).keys()].sort();
  const data = beside.map((place): HubFile => {
    const file = path.posix.join(sub, path.relative(path.dirname(modelFile), place));
    const found = find(file);
    if (found !== undefined) return found;
    throw new FlowError(
      "INPUT_INVALID",
      `${urlOf(file)}: the model's weights are in this file, which the repository does not have`,
    );
  });
  await get(data);
}

function checkOutputs(model: string, id: string, preset: PresetName | null, folder: string): void {
  if (preset === null) return;
  const { outputs } = readOnnxModel(model);
  if (encoderPresets[preset].outputs.some((output) => outputs.includes(output))) return;
  throw noModel(
    `the ONNX model of ${id} gives ${outputs.join(", ")} and no vectors of tokens`,
    id,
    folder,
  );
}

function noModel(fault: string, id: string, folder: string): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    `${fault}. Export it where Python is, and put the folder in place:\n` +
      `  pip install "optimum[exporters]"\n` +
      `  optimum-cli export onnx --model ${id} --task feature-extraction ${folder}`,
  );
}
