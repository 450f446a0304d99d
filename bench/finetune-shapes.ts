/** @file Base models of known shapes with random weights, for measurements that do not depend on what a model says. */
import { elements } from "../src/base/element-count.ts";
import type { BaseModel } from "../src/finetune/base/base-model.ts";
import {
  linearNames,
  linearShapes,
  type DecoderConfig,
} from "../src/finetune/decoder/decoder-config.ts";
import { decoderTensors } from "../src/finetune/decoder/decoder-tensors.ts";
import { noLabel, type PackedRow } from "../src/finetune/text/pack-chats.ts";

/** The shapes that can be measured. */
export const decoderShapes = {
  "qwen2.5-0.5b": {
    architecture: "qwen2",
    ...{ layers: 24, hidden: 896, heads: 14, keyHeads: 2, headWidth: 64, inner: 4864 },
    ...{ vocabulary: 151_936, normEpsilon: 1e-6, ropeBase: 1e6, contextTokens: 32_768 },
    ...{ hasBiases: true, hasHeadNorms: false, isTied: true },
  },
  "smollm2-135m": {
    architecture: "llama",
    ...{ layers: 30, hidden: 576, heads: 9, keyHeads: 3, headWidth: 64, inner: 1536 },
    ...{ vocabulary: 49_152, normEpsilon: 1e-5, ropeBase: 1e5, contextTokens: 8192 },
    ...{ hasBiases: false, hasHeadNorms: false, isTied: true },
  },
} as const satisfies Record<string, DecoderConfig>;

/** A model of this shape; every layer has weights of its own. */
export function randomBase(config: DecoderConfig): Pick<BaseModel, "config" | "weights"> {
  const shapes = decoderTensors(config);
  let state = 1;
  return {
    config,
    weights: {
      shapeOf: (name) => shapes.get(name),
      read: (name) => {
        const shape = shapes.get(name) ?? [];
        const values = new Float32Array(elements(shape));
        if (shape.length === 1) return Promise.resolve(values.fill(1));
        const scale = 2 / Math.sqrt(shape[1] ?? 1) / 2 ** 32;
        for (let at = 0; at < values.length; at++) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
          values[at] = state * scale;
        }
        return Promise.resolve(values);
      },
      close: () => Promise.resolve(),
    },
  };
}

/** One conversation, whose last `learned` tokens are the answer. */
export function randomRow(
  { vocabulary }: DecoderConfig,
  tokens: number,
  learned: number,
): PackedRow {
  const ids = Int32Array.from({ length: tokens }, (_, place) => (place * 7919) % vocabulary);
  const first = tokens - learned - 1;
  return {
    ids,
    positions: Int32Array.from(ids.keys()),
    segments: new Int32Array(tokens),
    labels: ids.map((_, place) =>
      place < first || place === tokens - 1 ? noLabel : (ids[place + 1] ?? 0),
    ),
  };
}

/** A matrix product `[rows, inner] x [inner, columns]`, and how often a step takes it. */
export interface Product {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly times: number;
}

/**
 * The products that a step cannot do without: of each linear layer forward and for the gradient of its input, of attention, and of the
 * output layer with the learned tokens. The adapter's own, under 2 %, are left out.
 */
export function productsOf(
  config: DecoderConfig,
  tokens: number,
  learned: number,
): readonly Product[] {
  const { layers, heads, headWidth, hidden, vocabulary } = config;
  const shapes = linearShapes(config);
  const both = (
    rows: number,
    inner: number,
    columns: number,
    times: number,
  ): readonly Product[] => [
    { rows, inner, columns, times },
    { rows, inner: columns, columns: inner, times },
  ];
  return [
    ...linearNames.flatMap((name) => both(tokens, shapes[name][1], shapes[name][0], layers)),
    // Scores forward and backward, and the gradient of what they weigh; the sums that they weigh, and three gradients more.
    { rows: heads * tokens, inner: headWidth, columns: tokens, times: 3 * layers },
    { rows: heads * tokens, inner: tokens, columns: headWidth, times: 4 * layers },
    ...both(learned, hidden, vocabulary, 1),
  ];
}

/** Floating-point operations of all of them. */
export function operationsOf(products: readonly Product[]): number {
  return products.reduce(
    (sum, { rows, inner, columns, times }) => sum + 2 * rows * inner * columns * times,
    0,
  );
}
