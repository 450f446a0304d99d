import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { GgufFile } from "../weights/open-gguf.ts";
import type { ChatTokenizer } from "./chat-tokenizer.ts";
import { namedPreTokenizer, preTokenizerNames } from "./exact-pre-tokenizer.ts";
import { makeChatTokenizer } from "./make-chat-tokenizer.ts";
import { tokenizerContentSchema, type TokenizerContent } from "./tokenizer-content.ts";

/** ggml's numbers of token types that matter: both are cut out of texts before all others. */
const controlType = 3;
const userDefinedType = 4;
/** Pre-tokenizers whose pieces become tokens without merges where they are tokens. */
const wholePieces = new Set(["llama-bpe"]);

const id = z.int().nonnegative().optional();
const metadataSchema = z.object({
  "tokenizer.ggml.model": z.string(),
  "tokenizer.ggml.pre": z.string().default("default"),
  "tokenizer.ggml.tokens": z.array(z.string()).min(1),
  "tokenizer.ggml.merges": z.array(z.string()).default([]),
  "tokenizer.ggml.token_type": z.array(z.int()).default([]),
  "tokenizer.ggml.bos_token_id": id,
  "tokenizer.ggml.eos_token_id": id,
  "tokenizer.ggml.unknown_token_id": id,
  "tokenizer.ggml.padding_token_id": id,
  "tokenizer.chat_template": z.string().optional(),
});

/**
 * The chat tokenizer of a GGUF file: byte-level BPE, in the file's metadata. It splits texts as llama.cpp does.
 *
 * @throws FlowError `INPUT_INVALID` naming the file, and the kind of tokenizer where it is not known
 */
export function ggufTokenizer({
  path,
  metadata,
}: Pick<GgufFile, "path" | "metadata">): ChatTokenizer {
  const read = metadataSchema.safeParse(Object.fromEntries(metadata));
  if (!read.success) {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: its tokenizer cannot be read: ${z.prettifyError(read.error)}`,
    );
  }
  const given = read.data;
  const source = given["tokenizer.chat_template"];
  if (source === undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: has no chat template (tokenizer.chat_template): take a model that was made for chats, often named Instruct`,
    );
  }
  const tokens = given["tokenizer.ggml.tokens"];
  const variables = Object.fromEntries(
    (["bos", "eos", "unknown", "padding"] as const).flatMap((name) => {
      const token = tokens[given[`tokenizer.ggml.${name}_token_id`] ?? -1];
      return token === undefined ? [] : [[`${templateNames[name]}_token`, token]];
    }),
  );
  return makeChatTokenizer({
    whose: path,
    content: contentOf(given, path),
    template: { source, whose: path, variables },
    paddingId:
      given["tokenizer.ggml.padding_token_id"] ?? given["tokenizer.ggml.eos_token_id"] ?? 0,
  });
}

/** What templates call the special tokens. */
const templateNames = { bos: "bos", eos: "eos", unknown: "unk", padding: "pad" };

/** The tokenizer as a `tokenizer.json` would have it. */
function contentOf(given: z.infer<typeof metadataSchema>, path: string): TokenizerContent {
  const model = given["tokenizer.ggml.model"];
  if (model !== "gpt2") {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: its tokenizer is of the kind ${model}, which cannot be read from GGUF files, only gpt2 (byte-level BPE): ` +
        "take the model's folder with tokenizer.json and safetensors",
    );
  }
  const pre = given["tokenizer.ggml.pre"];
  const preTokenizer = namedPreTokenizer(pre);
  if (preTokenizer === undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: its pre-tokenizer is ${pre}; known are ${preTokenizerNames.join(", ")}: ` +
        "take the model's folder with tokenizer.json and safetensors",
    );
  }
  const tokens = given["tokenizer.ggml.tokens"];
  const types = given["tokenizer.ggml.token_type"];
  return tokenizerContentSchema.parse({
    normalizer: null,
    pre_tokenizer: preTokenizer,
    post_processor: null,
    decoder: null,
    model: {
      type: "BPE",
      vocab: Object.fromEntries(tokens.map((token, index) => [token, index])),
      merges: given["tokenizer.ggml.merges"],
      ignore_merges: wholePieces.has(pre),
    },
    added_tokens: tokens.flatMap((content, index) => {
      const type = types[index];
      if (type !== controlType && type !== userDefinedType) return [];
      return [{ id: index, content, special: type === controlType, normalized: false }];
    }),
  });
}
