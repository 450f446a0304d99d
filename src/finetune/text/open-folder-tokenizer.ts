import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { jsonOrNull } from "../../base/json.ts";
import type { TemplateSource } from "./chat-template.ts";
import type { ChatTokenizer } from "./chat-tokenizer.ts";
import { makeChatTokenizer } from "./make-chat-tokenizer.ts";
import { idOfToken, tokenizerContentSchema, type TokenizerContent } from "./tokenizer-content.ts";

const tokenizerFile = "tokenizer.json";
const configFile = "tokenizer_config.json";
const templateFile = "chat_template.jinja";
const defaultName = "default";

const tokenSchema = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish();
const configSchema = z.looseObject({
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
  bos_token: tokenSchema,
  eos_token: tokenSchema,
  pad_token: tokenSchema,
  unk_token: tokenSchema,
});
type TokenizerConfig = z.infer<typeof configSchema>;

/**
 * The chat tokenizer of a folder as on the Hugging Face hub: `tokenizer.json`, `tokenizer_config.json`, and the template in
 * `chat_template.jinja` or in `chat_template` of the configuration.
 *
 * @throws FlowError `INPUT_INVALID` naming the file
 */
export async function openFolderTokenizer(folder: string): Promise<ChatTokenizer> {
  const whose = path.join(folder, tokenizerFile);
  const content = await readTokenizer(whose);
  const config = await readConfig(path.join(folder, configFile));
  const { bos_token, eos_token, pad_token, unk_token } = config;
  const named = { bos_token, eos_token, pad_token, unk_token };
  const variables = Object.fromEntries(
    Object.entries(named).flatMap(([name, token]) => (token == null ? [] : [[name, token]])),
  );
  const padding = [pad_token, eos_token].flatMap((token) =>
    token == null ? [] : (idOfToken(content, token) ?? []),
  );
  return makeChatTokenizer({
    ...{ whose, content },
    template: { ...(await readTemplate(folder, config)), variables },
    paddingId: padding[0] ?? 0,
  });
}

async function readTokenizer(file: string): Promise<TokenizerContent> {
  const text = await readOrNull(file);
  if (text === null) {
    throw new FlowError(
      "INPUT_INVALID",
      `${file}: cannot be read. A model's folder has its tokenizer in this file: fetch it from where the model is from`,
    );
  }
  const content = tokenizerContentSchema.safeParse(jsonOrNull(text));
  if (content.success) return content.data;
  throw new FlowError(
    "INPUT_INVALID",
    `${file}: not a tokenizer: ${z.prettifyError(content.error)}`,
  );
}

async function readConfig(file: string): Promise<TokenizerConfig> {
  const text = await readOrNull(file);
  if (text === null) return {};
  const config = configSchema.safeParse(jsonOrNull(text));
  if (config.success) return config.data;
  throw new FlowError(
    "INPUT_INVALID",
    `${file}: not the configuration of a tokenizer: ${z.prettifyError(config.error)}`,
  );
}

async function readTemplate(
  folder: string,
  { chat_template: given }: TokenizerConfig,
): Promise<Pick<TemplateSource, "source" | "whose">> {
  const file = path.join(folder, templateFile);
  const text = await readOrNull(file);
  if (text !== null) return { source: text, whose: file };
  const whose = path.join(folder, configFile);
  const source = Array.isArray(given)
    ? given.find(({ name }) => name === defaultName)?.template
    : given;
  if (source != null) return { source, whose };
  throw new FlowError(
    "INPUT_INVALID",
    `${folder}: has no chat template, neither ${templateFile} nor chat_template in ${configFile}` +
      `${Array.isArray(given) ? ` by the name ${defaultName}` : ""}: take a model that was made for chats (often named Instruct), ` +
      `or write its template to ${templateFile}`,
  );
}

function readOrNull(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch(() => null);
}
