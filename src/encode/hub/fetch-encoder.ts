import { mkdir, readdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import { FlowError } from "../../base/errors.ts";
import { ownNames } from "../../base/files/own-names.ts";
import { readOnnxModel } from "../../onnx/format/model-reader.ts";
import { downloadFile, type DownloadOptions } from "./download-file.ts";
import { readEncoderCard } from "../folder/encoder-card.ts";
import { encoderPresets, isPreset, type PresetName } from "../folder/encoder-presets.ts";
import { isEncoder, isTaken } from "../folder/encoder-place.ts";
import { externalData } from "../folder/external-data.ts";
import { manualSteps } from "./manual-steps.ts";
import {
  HubUnreachable,
  isRepositoryId,
  readHubRepository,
  type Hub,
  type HubFile,
} from "./hub-repository.ts";

export interface FetchOptions {
  /** A known encoder's name, or a repository of the hub such as intfloat/e5-base-v2. */
  readonly name: string;
  /** Folder of fetched encoders, absolute. */
  readonly dir: string;
  readonly hub: Hub;
  readonly signal: AbortSignal;
  /** Called with the bytes downloaded so far, and the total of all files known so far. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly retryDelaysMs?: DownloadOptions["retryDelaysMs"];
}

/** Files that are downloaded if the repository has them: what sentence-transformers does besides the model. */
const optionalFiles = [
  /^modules\.json$/,
  /^(?:config_sentence_transformers|sentence_[\w-]+_config|tokenizer_config)\.json$/,
  /^\d+_\w+\/(?:config\.json|model\.safetensors)$/,
];
/** A file in every download that is not complete: only such folders are deleted. */
const partialMark = ".r4ec-download";
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
  const { name, dir, hub } = options;
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
  if (await isTaken(folder, isEncoder)) return folder;
  try {
    const repository = await readHubRepository(hub, id);
    const partial = `${folder}.${repository.revision.slice(0, 12)}.partial`;
    const files = await download(options, repository.files, partial, {
      urlOf: (file) => `${hub.endpoint}/${id}/resolve/${repository.revision}/${file}`,
      checkModel: async (model, config) => {
        checkOutputs(model, id, preset, folder);
        const given = readOnnxModel(model).outputs;
        const known = preset === null ? undefined : { name: preset, ...encoderPresets[preset] };
        await readEncoderCard({ folder: partial, config }, { given, preset: known });
      },
    });
    if (files === null) throw noModel(`${id} has no ONNX model`, id, folder);
    await rename(partial, folder).catch(async (error: unknown) => {
      if (!(await isTaken(folder, isEncoder))) throw error; // otherwise another process was faster
    });
    await rm(path.join(folder, partialMark), { force: true });
    await dropPartials(folder);
  } catch (error) {
    if (!(error instanceof HubUnreachable)) throw error;
    throw new FlowError("PROVIDER_FAILED", `${error.message}\n${manualSteps(id, folder)}`, {
      cause: error,
    });
  }
  return folder;
}

async function download(
  { signal, hub, onProgress, retryDelaysMs }: FetchOptions,
  available: readonly HubFile[],
  partial: string,
  {
    urlOf,
    checkModel,
  }: {
    urlOf: (file: string) => string;
    checkModel: (model: string, config: string) => Promise<void>;
  },
): Promise<readonly HubFile[] | null> {
  const find = (file: string): HubFile | undefined => available.find((one) => one.path === file);
  const model = models.flatMap((file) => find(file) ?? [])[0];
  if (model === undefined) return null;
  const sub = path.posix.dirname(model.path);
  const besideOrAbove = (file: string): HubFile | undefined =>
    find(file) ?? find(path.posix.join(sub, file));
  const required = ["config.json", "tokenizer.json"].map((file) => {
    const found = besideOrAbove(file);
    if (found !== undefined) return found;
    throw new FlowError("INPUT_INVALID", `${urlOf(file)}: the repository has no ${file}`);
  });
  const optional = available.filter(({ path: file }) =>
    optionalFiles.some((pattern) => pattern.test(file)),
  );
  const first = [...required, ...optional.filter((file) => !required.includes(file)), model];
  const wanted = [...first];
  let doneBefore = 0;
  const get = async (file: HubFile): Promise<void> => {
    const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    await downloadFile(hub, {
      ...{ file, signal, url: urlOf(file.path), target: path.join(partial, file.path) },
      onProgress: (bytes) => {
        onProgress(doneBefore + bytes, total);
      },
      ...(retryDelaysMs && { retryDelaysMs }),
    });
    doneBefore += file.bytes;
  };
  await isTaken(partial, isPartial);
  await mkdir(partial, { recursive: true });
  await writeFile(path.join(partial, partialMark), "");
  for (const file of first) await get(file);

  const modelFile = path.join(partial, model.path);
  await checkModel(modelFile, path.join(partial, required[0]?.path ?? ""));
  const beside = [...externalData(modelFile).keys()].sort();
  const data = beside.map((place) => {
    const file = path.posix.join(sub, path.relative(path.dirname(modelFile), place));
    const found = find(file);
    if (found !== undefined) return found;
    throw new FlowError(
      "INPUT_INVALID",
      `${urlOf(file)}: the model's weights are in this file, which the repository does not have`,
    );
  });
  wanted.push(...data);
  await requireSpace(partial, data);
  for (const file of data) await get(file);
  return wanted;
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

async function requireSpace(folder: string, files: readonly HubFile[]): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const present = await readdir(folder, { recursive: true });
  const missing = files.filter(({ path: file }) =>
    present.every((name) => !name.startsWith(path.normalize(file))),
  );
  const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= bavail * bsize) return;
  throw new FlowError(
    "OUTPUT_FAILED",
    `${folder}: ${gigabytes(bytes)} are to come, ${gigabytes(bavail * bsize)} are free; free some space or choose another folder with --cache`,
  );
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function noModel(fault: string, id: string, folder: string): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    `${fault}. Export it where Python is, and put the folder in place:\n` +
      `  pip install "optimum[exporters]"\n` +
      `  optimum-cli export onnx --model ${id} --task feature-extraction ${folder}`,
  );
}

/** Removes partial downloads of other revisions, by their mark. */
async function dropPartials(folder: string): Promise<void> {
  const dir = path.dirname(folder);
  const start = `${path.basename(folder)}.`;
  for (const name of await readdir(dir)) {
    if (!name.startsWith(start) || !name.endsWith(".partial")) continue;
    if (await isPartial(path.join(dir, name))) {
      await rm(path.join(dir, name), { recursive: true, force: true });
    }
  }
}

/** Whether a folder is a download that is not complete. A link to one is not. */
async function isPartial(folder: string): Promise<boolean> {
  return (await ownNames(path.dirname(folder), path.basename(folder))).includes(partialMark);
}
