import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { transformerGraph, type GraphOptions } from "./onnx-graph.ts";
import { tokenizers } from "./tokenizers.ts";
import { randomTransformer, type Architecture, type Transformer } from "./weights.ts";

const padIds: Readonly<Record<Architecture, number>> = { bert: 0, "xlm-roberta": 1, longformer: 1 };
/** Window of the tiny Longformer; a token sees half of it on either side. */
const window = 8;

export interface TinyOptions extends Partial<GraphOptions> {
  readonly architecture: Architecture;
  readonly outputs: GraphOptions["outputs"];
  /** Tokens the model has positions for. */
  readonly maxTokens?: number;
  /** Folder inside the folder that the model is in. */
  readonly subFolder?: string;
  /** Keys of config.json that differ. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Where positions start: XLM-RoBERTa and its kin count from the padding id plus 1. */
export function firstPositionOf(architecture: Architecture): number {
  return architecture === "bert" ? 0 : padIds[architecture] + 1;
}

/** Writes an encoder folder as the hub publishes them, with a random transformer of two layers. */
export async function writeTransformer(folder: string, options: TinyOptions): Promise<Transformer> {
  const { architecture, maxTokens = 48, subFolder = "", config = {} } = options;
  const positions = firstPositionOf(architecture) + maxTokens;
  const vocabulary = 26;
  const transformer = randomTransformer(
    {
      ...{ architecture, vocabulary, positions },
      ...{ hidden: 12, heads: 3, wide: 20, layers: 2, reach: window / 2, epsilon: 1e-5 },
    },
    7,
  );
  const padId = padIds[architecture];
  const { model, data } = transformerGraph(transformer, {
    ...{ integers: "int64", positions: architecture === "bert" ? "input" : "counted" },
    ...{ padId, window },
    ...options,
  });
  const json = (file: string, content: object): Promise<void> =>
    writeFile(path.join(folder, file), JSON.stringify(content));
  await mkdir(path.join(folder, subFolder), { recursive: true });
  await writeFile(path.join(folder, subFolder, "model.onnx"), model);
  if (options.dataFile !== undefined) {
    await writeFile(path.join(folder, subFolder, options.dataFile), data);
  }
  await json("tokenizer.json", tokenizers[architecture]);
  await json("config.json", {
    model_type: architecture,
    ...{ hidden_size: 12, num_attention_heads: 3, intermediate_size: 20, num_hidden_layers: 2 },
    ...{ vocab_size: vocabulary, max_position_embeddings: positions, pad_token_id: padId },
    ...(architecture === "longformer" && { attention_window: [window, window] }),
    ...config,
  });
  return transformer;
}
