/** @file What sentence-transformers does with a text's vector after pooling: modules with a folder of configuration and weights each. */
import path from "node:path";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { hasFile, readJson } from "./encoder-folder.ts";

/** A step from one vector of a text to the next. */
export type SentenceLayer =
  | { readonly kind: "normalize" }
  | ({ readonly kind: "dense" } & DenseLayer)
  | {
      readonly kind: "layerNorm";
      /** The file of weights, relative to the encoder's folder. */
      readonly weights: string;
      readonly size: number;
    };

/** `activation(W x + b)`, plus `x` or its projection where it is residual. */
export interface DenseLayer {
  /** The file of weights, relative to the encoder's folder. */
  readonly weights: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly hasBias: boolean;
  readonly activation: Activation;
  readonly isResidual: boolean;
}

/** Activation functions by their class in torch. */
const activations = {
  "torch.nn.modules.linear.Identity": "identity",
  "torch.nn.modules.activation.Tanh": "tanh",
  "torch.nn.modules.activation.ReLU": "relu",
  "torch.nn.modules.activation.Sigmoid": "sigmoid",
  "torch.nn.modules.activation.SiLU": "silu",
} as const;

/** See {@link DenseLayer}. */
export type Activation = (typeof activations)[keyof typeof activations];

const textVector = z.literal("sentence_embedding").nullish();
const denseSchema = z.strictObject({
  in_features: z.int().positive(),
  out_features: z.int().positive(),
  bias: z.boolean().default(true),
  activation_function: z
    .enum(Object.keys(activations) as (keyof typeof activations)[])
    .default("torch.nn.modules.activation.Tanh"),
  module_input_name: textVector,
  module_output_name: textVector,
  use_residual: z.boolean().default(false),
});
const layerNormSchema = z.strictObject({ dimension: z.int().positive() });
const normalizeSchema = z.strictObject({
  module_input_name: textVector,
  module_output_name: textVector,
});

/** Readers of the modules that may follow pooling, by class; null for one that does nothing when encoding. */
const readers = {
  Normalize: async (folder: string, module: string): Promise<SentenceLayer> => {
    const file = path.join(folder, module, "config.json");
    if (await hasFile(file)) await readConfig(file, normalizeSchema);
    return { kind: "normalize" };
  },
  Dense: async (folder: string, module: string): Promise<SentenceLayer> => {
    const file = path.join(folder, module, "config.json");
    const config = await readConfig(file, denseSchema);
    return {
      kind: "dense",
      weights: await weightsOf(folder, module),
      inputs: config.in_features,
      outputs: config.out_features,
      hasBias: config.bias,
      activation: activations[config.activation_function],
      isResidual: config.use_residual,
    };
  },
  LayerNorm: async (folder: string, module: string): Promise<SentenceLayer> => {
    const config = await readConfig(path.join(folder, module, "config.json"), layerNormSchema);
    return {
      kind: "layerNorm",
      weights: await weightsOf(folder, module),
      size: config.dimension,
    };
  },
  Dropout: () => Promise.resolve(null),
} satisfies Readonly<
  Record<string, (folder: string, module: string) => Promise<SentenceLayer | null>>
>;

/** Classes of modules that may follow pooling. */
export const layerClasses: readonly string[] = Object.keys(readers);

/**
 * Reads a module that follows pooling.
 *
 * @param folder - The encoder's
 * @param kind - One of {@link layerClasses}
 * @param module - Its folder, relative to the encoder's
 * @returns Null where it does nothing to a vector
 * @throws FlowError `INPUT_INVALID` naming a setting that is not supported or a file that is missing
 */
export function readLayer(
  folder: string,
  kind: string,
  module: string,
): Promise<SentenceLayer | null> {
  if (!isLayerClass(kind)) throw new Error(`internal: ${kind} is no layer`);
  return readers[kind](folder, module);
}

function isLayerClass(kind: string): kind is keyof typeof readers {
  return Object.hasOwn(readers, kind);
}

async function readConfig<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const config = schema.safeParse(await readJson(file));
  if (config.success) return config.data;
  throw new FlowError(
    "INPUT_INVALID",
    `${file}: a setting of this module is not supported: ${z.prettifyError(config.error)}`,
  );
}

async function weightsOf(folder: string, module: string): Promise<string> {
  const weights = path.join(module, "model.safetensors");
  if (await hasFile(path.join(folder, weights))) return weights;
  const pickled = path.join(module, "pytorch_model.bin");
  const state = (await hasFile(path.join(folder, pickled)))
    ? `${pickled} is there, which only torch can read: load the model in sentence-transformers 3 or later and save it again`
    : "get it again, all files of one revision";
  throw new FlowError(
    "INPUT_INVALID",
    `${path.join(folder, weights)}: the weights of this module are missing; ${state}`,
  );
}
