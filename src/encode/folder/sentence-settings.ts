/** @file The files that sentence-transformers stores beside a model: what it does to a text before the model, and to vectors after it. */
import path from "node:path";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { hasFile, readJson } from "./encoder-folder.ts";
import { parsePooling, type PoolingConfig } from "./pooling.ts";
import { layerClasses, readLayer, type SentenceLayer } from "./sentence-layers.ts";

/** What is done to a text before the model; undefined where the folder does not say. */
export interface TextSettings {
  readonly maxTokens: number | undefined;
  readonly lowerCase: boolean;
}

/** What is done to the vectors of tokens. */
export interface VectorSettings {
  /** Null where the folder does not say. */
  readonly pooling: PoolingConfig | null;
  /** After pooling, without scaling at the end. */
  readonly layers: readonly SentenceLayer[];
}

const modulesFile = "modules.json";
const modulesSchema = z
  .array(
    z.object({
      type: z.string(),
      path: z.string().refine(isInside, "leads out of the encoder's folder"),
    }),
  )
  .min(1);
type Modules = z.infer<typeof modulesSchema>;

/** Names that versions of sentence-transformers gave the settings of the transformer; the first that is there counts. */
const transformerFiles = [
  "bert",
  "roberta",
  "distilbert",
  "camembert",
  "albert",
  "xlm-roberta",
  "xlnet",
].map((model) => `sentence_${model}_config.json`);
const transformerSchema = z.object({
  max_seq_length: z.int().positive().nullish(),
  do_lower_case: z.boolean().nullish(),
  transformer_task: z.literal("feature-extraction").nullish(),
});
/** Later versions store the length with the tokenizer; a length of 1e30 stands for none. */
const tokenizerSchema = z.object({ model_max_length: z.number().positive().nullish() });
const promptsSchema = z.object({
  prompts: z.record(z.string(), z.string().nullable()).nullish(),
  default_prompt_name: z.string().nullish(),
});

/**
 * The settings of texts.
 *
 * @throws FlowError `INPUT_INVALID` naming a file that cannot be read or asks for what is not done
 */
export async function readTextSettings(folder: string): Promise<TextSettings> {
  const modules = await readModules(folder);
  const place = path.join(folder, modules?.[0]?.path ?? "");
  let said: z.infer<typeof transformerSchema> = {};
  for (const name of transformerFiles) {
    const found = await readIfThere(path.join(place, name), transformerSchema);
    if (found === undefined) continue;
    said = found;
    break;
  }
  const tokenizer =
    modules && (await readIfThere(path.join(place, "tokenizer_config.json"), tokenizerSchema));
  return {
    maxTokens: said.max_seq_length ?? tokenizer?.model_max_length ?? undefined,
    lowerCase: said.do_lower_case ?? false,
  };
}

/**
 * What is prepended to every text; undefined where the folder does not say.
 *
 * @throws FlowError `INPUT_INVALID` when the prompt it names is not there
 */
export async function readDefaultPrompt(folder: string): Promise<string | undefined> {
  const file = path.join(folder, "config_sentence_transformers.json");
  const found = await readIfThere(file, promptsSchema);
  const name = found?.default_prompt_name;
  if (name === undefined || name === null) return undefined;
  const prompt = found?.prompts?.[name];
  if (typeof prompt === "string") return prompt;
  throw new FlowError(
    "INPUT_INVALID",
    `${file}: default_prompt_name is ${name}, which prompts does not have; set encode.prefix to what comes before every text, or to ""`,
  );
}

/** Whether vectors are scaled at the end; undefined where the folder does not say. */
export async function readScaling(folder: string): Promise<boolean | undefined> {
  const modules = await readModules(folder);
  return modules && classOf(modules.at(-1)) === "Normalize";
}

/**
 * The settings of vectors of tokens, module by module.
 *
 * @param isPoolingGiven - Whether the caller knows how tokens are pooled, so that no module needs to say it
 * @throws FlowError `INPUT_INVALID` naming a module that is not supported, or a file that is missing
 */
export async function readVectorSettings(
  folder: string,
  isPoolingGiven: boolean,
): Promise<VectorSettings> {
  const modules = await readModules(folder);
  if (modules === undefined) {
    const alone = path.join(folder, "1_Pooling", "config.json");
    const isThere = await hasFile(alone);
    return { pooling: isThere ? parsePooling(alone, await readJson(alone)) : null, layers: [] };
  }
  const file = path.join(folder, modulesFile);
  const [transformer, pooler, ...others] = modules;
  refuseUnknown(file, transformer, ["Transformer"]);
  if (pooler === undefined) {
    if (isPoolingGiven) return { pooling: null, layers: [] };
    throw new FlowError(
      "INPUT_INVALID",
      `${file}: no module follows the transformer, so nothing says how the vectors of tokens become one; set encode.pooling`,
    );
  }
  refuseUnknown(file, pooler, ["Pooling"]);
  const config = path.join(folder, pooler.path, "config.json");
  const layers: SentenceLayer[] = [];
  for (const module of others) {
    const kind = refuseUnknown(file, module, layerClasses);
    const layer = await readLayer(folder, kind, module.path);
    if (layer !== null) layers.push(layer);
  }
  if (layers.at(-1)?.kind === "normalize") layers.pop();
  return { pooling: parsePooling(config, await readJson(config)), layers };
}

async function readModules(folder: string): Promise<Modules | undefined> {
  return readIfThere(path.join(folder, modulesFile), modulesSchema);
}

/** The class of a module of sentence-transformers itself, whatever the version's place for it; null for others' code. */
function classOf(module: Modules[number] | undefined): string | null {
  return (
    /^sentence_transformers\.(?:\w+\.)*(?<kind>\w+)$/.exec(module?.type ?? "")?.groups?.["kind"] ??
    null
  );
}

function refuseUnknown(
  file: string,
  module: Modules[number] | undefined,
  expected: readonly string[],
): string {
  const kind = classOf(module);
  if (kind !== null && expected.includes(kind)) return kind;
  throw new FlowError(
    "INPUT_INVALID",
    `${file}: the module ${module?.type ?? ""} (${module?.path === "" ? "first" : (module?.path ?? "")}) is not supported in this place, where ` +
      `${expected.join(", ")} can be. Export the model with all its modules in it, so that it gives sentence_embedding`,
  );
}

async function readIfThere<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  if (!(await hasFile(file))) return undefined;
  const content = schema.safeParse(await readJson(file));
  if (content.success) return content.data;
  throw new FlowError(
    "INPUT_INVALID",
    `${file}: cannot be followed: ${z.prettifyError(content.error)}`,
  );
}

function isInside(place: string): boolean {
  return !path.isAbsolute(place) && !place.split(/[/\\]/).includes("..");
}
