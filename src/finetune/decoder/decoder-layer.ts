/**
 * @file One decoder layer of Llama, Qwen2 and Qwen3, with LoRA on its linear layers.
 *
 * Letters: `S` = tokens of the row, `H` = width of a token's state, `d` = width of a head, `r` = rank.
 */
import type { ElementType, Ops, Shape } from "../../autodiff/ops.ts";
import { groupedAttention } from "../../models/layers/decoder/grouped-attention.ts";
import { rmsNorm } from "../../models/layers/decoder/rms-norm.ts";
import { rotary, rotaryRows } from "../../models/layers/decoder/rotary.ts";
import { silu } from "../../models/layers/decoder/silu.ts";
import { isBiased, linearShapes, type DecoderConfig, type LinearName } from "./decoder-config.ts";
import type { LoraSettings } from "./lora-settings.ts";

/** What a layer is traced with. */
export interface LayerScope<T> {
  readonly ops: Ops<T>;
  readonly config: DecoderConfig;
  readonly lora: LoraSettings;
  /** Whether inputs of the adapter are dropped. */
  readonly isTraining: boolean;
  /** A tensor that is fed: a frozen weight of this layer, or what belongs to the row. */
  readonly input: (name: string, shape: Shape, type?: ElementType) => T;
  /** A matrix of the adapter. */
  readonly parameter: (name: string, shape: Shape) => T;
  /** Marks a tensor that the backward pass reads instead of computing it again. */
  readonly keep: (name: string, x: T) => T;
}

/** Name of the input with the dropout factors of a linear layer. */
export function dropoutInput(linear: LinearName): string {
  return `${linear}.dropout`;
}

/** What a row of packed conversations brings to every layer. */
export const rowInputs = {
  /** int32 `[1, S]` */
  positions: "positions",
  /** `[S, S]`, see {@link groupedAttention} */
  mask: "mask",
  /** `[P, d]`, for all positions */
  cosines: "rope.cosines",
  sines: "rope.sines",
} as const;

/**
 * The states after one layer.
 *
 * @param x - States before it, `[S, H]`
 * @param positions - P, rows of the rotary tables
 * @returns Shape `[S, H]`
 */
export function decoderLayer<T>(scope: LayerScope<T>, x: T, positions: number): T {
  const { ops, config, input, keep } = scope;
  const { heads, keyHeads, headWidth, hidden } = config;
  const [tokens = 0] = ops.shapeOf(x);
  const linear = adaptedLinear(scope);
  const norm = (name: string, y: T, width: number): T =>
    rmsNorm(ops, y, input(`${name}.weight`, [width]), config.normEpsilon);

  const table = (name: string): T => input(name, [positions, headWidth]);
  const rows = rotaryRows(
    ops,
    { cosines: table(rowInputs.cosines), sines: table(rowInputs.sines) },
    input(rowInputs.positions, [1, tokens], "int32"),
  );

  const before = norm("input_layernorm", x, hidden);
  const projected = (name: "q" | "k" | "v", perGroup: number): T => {
    const y = linear(`self_attn.${name}_proj`, before);
    const normal =
      config.hasHeadNorms && name !== "v"
        ? norm(`self_attn.${name}_norm`, ops.reshape(y, [-1, headWidth]), headWidth)
        : y;
    const groups = ops.reshape(normal, [tokens, keyHeads, perGroup, headWidth]);
    return ops.transpose(groups, [1, 2, 0, 3]); // [g, n, S, d]
  };
  const attended = keep(
    "attended",
    groupedAttention(ops, {
      queries: keep("q", rotary(ops, projected("q", heads / keyHeads), rows)),
      keys: keep("k", rotary(ops, projected("k", 1), rows)),
      values: keep("v", projected("v", 1)),
      mask: input(rowInputs.mask, [tokens, tokens]),
    }),
  );
  const context = ops.reshape(ops.transpose(attended, [2, 0, 1, 3]), [tokens, heads * headWidth]);
  const middle = keep("middle", ops.add(x, linear("self_attn.o_proj", context)));

  const normal = norm("post_attention_layernorm", middle, hidden);
  const gate = keep("gate", linear("mlp.gate_proj", normal));
  const up = keep("up", linear("mlp.up_proj", normal));
  return ops.add(middle, linear("mlp.down_proj", ops.mul(silu(ops, gate), up)));
}

/** `W x + b + alpha / r · B A (x ∘ dropout)`; shape `[S, outputs]`. */
function adaptedLinear<T>(scope: LayerScope<T>): (name: LinearName, x: T) => T {
  const { ops, config, lora, isTraining, input, parameter, keep } = scope;
  const { rank, alpha, dropout, targets } = lora;
  const shapes = linearShapes(config);
  return (name, x) => {
    const [outputs, inputs] = shapes[name];
    const bias = isBiased(config, name) ? input(`${name}.bias`, [outputs]) : undefined;
    const frozen = ops.linear(x, input(`${name}.weight`, [outputs, inputs]), bias);
    if (!targets.includes(name)) return frozen;
    const dropped =
      isTraining && dropout > 0 ? ops.mul(x, input(dropoutInput(name), ops.shapeOf(x))) : x;
    const low = ops.linear(dropped, parameter(`${name}.lora_A`, [rank, inputs])); // [S, r]
    const scaled = keep(`${name}.low`, ops.mul(low, alpha / rank));
    return ops.add(frozen, ops.linear(scaled, parameter(`${name}.lora_B`, [outputs, rank])));
  };
}
