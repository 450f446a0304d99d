import type { DecoderConfig } from "../decoder/decoder-config.ts";
import type { ChatTokenizer } from "../text/chat-tokenizer.ts";
import type { TensorSource } from "../weights/tensor-source.ts";

/** A language model to fine-tune. */
export interface BaseModel {
  /** Folder or .gguf file. */
  readonly path: string;
  readonly config: DecoderConfig;
  readonly weights: TensorSource;
  readonly tokenizer: ChatTokenizer;
}
