import { readFile } from "node:fs/promises";
import path from "node:path";
import { FlowError } from "../../base/errors.ts";
import { namesIn } from "../../base/files/durable-file.ts";
import { jsonOrNull } from "../../base/json.ts";
import { fetchRepository, type Download, type FetchFromHub } from "../../hub/fetch-repository.ts";
import { isRepositoryId, type HubFile } from "../../hub/hub-repository.ts";
import { parseHubDecoderConfig } from "../base/hub-decoder-config.ts";
import { openBaseModel } from "../base/open-base-model.ts";
import { indexFile, readWeightIndex, wholeFile } from "../weights/weight-index.ts";
import { chatModelPresets, isChatModel, type ModelForm } from "./chat-model-presets.ts";

export interface FetchChatModel extends FetchFromHub {
  /** A known model's name, or a repository of the hub such as Qwen/Qwen2.5-0.5B-Instruct. */
  readonly name: string;
  readonly form: ModelForm;
  /** Folder of fetched language models, absolute. */
  readonly dir: string;
}

const configFile = "config.json";
const tokenizerFile = "tokenizer.json";
/** Files that are downloaded if the repository has them. */
const optionalFiles = ["tokenizer_config.json", "chat_template.jinja", "generation_config.json"];
/** The file of a repository of GGUF files that is taken: nearly exact, and half as large as 16 bits. */
const ggufPattern = /^[^/]*q8_0\.gguf$/i;

/**
 * Downloads a language model to fine-tune or to ask: as safetensors with tokenizer and configuration, or as one GGUF file of 8-bit
 * weights. All of one revision, checked by size and hash, resumed where it was interrupted, and opened once before its folder appears.
 *
 * @returns The folder, or the GGUF file; absolute
 * @throws FlowError `PROVIDER_FAILED` where the hub fails, `INPUT_INVALID` for a model that cannot be fine-tuned here, `OUTPUT_FAILED`
 * when anything else is in its place
 */
export async function fetchChatModel(options: FetchChatModel): Promise<string> {
  const { name, form, dir } = options;
  const id = isChatModel(name) ? chatModelPresets[name].hubIds[form] : name;
  if (!isRepositoryId(id)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `"${name}" is neither a known language model (${Object.keys(chatModelPresets).join(", ")}) nor a repository of the hub such as ` +
        "Qwen/Qwen2.5-0.5B-Instruct",
    );
  }
  const folder = path.join(dir, `${name.replace("/", "--")}${form === "gguf" ? "-gguf" : ""}`);
  await fetchRepository({
    ...options,
    ...{ id, folder, manualSteps: manualSteps(id, folder, form) },
    wanted: {
      isWanted: form === "gguf" ? hasGguf : hasSafetensors,
      name: "a complete language model",
      cure: "folder with --cache",
    },
    fill: form === "gguf" ? getGguf : getSafetensors,
  });
  if (form === "safetensors") return folder;
  return path.join(folder, (await ggufIn(folder)) ?? "");
}

async function getSafetensors({ find, urlOf, partial, get }: Download): Promise<void> {
  const require = (file: string): HubFile => {
    const found = find(file);
    if (found !== undefined) return found;
    throw new FlowError(
      "INPUT_INVALID",
      `${urlOf(file)}: the repository has no ${file}, which a model to fine-tune needs`,
    );
  };
  const index = find(indexFile);
  await get([
    ...[configFile, tokenizerFile].map(require),
    ...optionalFiles.flatMap((file) => find(file) ?? []),
    ...(index === undefined ? [] : [index]),
  ]);
  const config = path.join(partial, configFile);
  parseHubDecoderConfig(config, jsonOrNull(await readFile(config, "utf8")));
  const shards = index && (await readWeightIndex(partial));
  await get(shards ? [...new Set(shards.values())].sort().map(require) : [require(wholeFile)]);
  await check(partial);
}

async function getGguf({ available, urlOf, partial, get }: Download): Promise<void> {
  const [file, ...others] = available.filter(({ path: name }) => ggufPattern.test(name));
  if (file === undefined || others.length > 0) {
    throw new FlowError(
      "INPUT_INVALID",
      `${urlOf("")}: the repository has ${others.length === 0 ? "no file" : "several files"} of 8-bit weights (*Q8_0.gguf): ` +
        "download the file that you want by hand, and name it where a model is asked for",
    );
  }
  await get([file]);
  await check(path.join(partial, file.path));
}

/** Opens a downloaded model, which checks that all of it is there. */
async function check(place: string): Promise<void> {
  const { weights } = await openBaseModel(place);
  await weights.close();
}

async function hasSafetensors(folder: string): Promise<boolean> {
  const names = await namesIn(folder);
  const hasWeights = names.includes(wholeFile) || names.includes(indexFile);
  return hasWeights && names.includes(configFile) && names.includes(tokenizerFile);
}

async function hasGguf(folder: string): Promise<boolean> {
  return (await ggufIn(folder)) !== undefined;
}

async function ggufIn(folder: string): Promise<string | undefined> {
  return (await namesIn(folder)).find((name) => ggufPattern.test(name));
}

function manualSteps(id: string, folder: string, form: ModelForm): string {
  const files =
    form === "gguf"
      ? "the file whose name ends with Q8_0.gguf"
      : [configFile, tokenizerFile, ...optionalFiles, "model*.safetensors"].join(", ");
  return (
    `Without a network, download these files of https://huggingface.co/${id}/tree/main elsewhere and put them into ${folder}:\n` +
    `  ${files}`
  );
}
