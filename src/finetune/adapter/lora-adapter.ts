import type { DecoderConfig, LinearName } from "../decoder/decoder-config.ts";

/**
 * Settings of LoRA: `y = W x + alpha / rank · B A x`.
 * Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021.
 */
export interface LoraSettings {
  readonly rank: number;
  readonly alpha: number;
  /** Share of an input's numbers that training zeroes before A, 0 to 1. */
  readonly dropout: number;
  readonly targets: readonly LinearName[];
}

/** The two matrices of one adapted linear layer. */
export interface LoraMatrices {
  readonly layer: number;
  readonly linear: LinearName;
  /** A, `[rank, inputs]`, row-major. */
  readonly a: Float32Array;
  /** B, `[outputs, rank]`, row-major. */
  readonly b: Float32Array;
}

/** A trained adapter. */
export interface LoraAdapter {
  readonly lora: LoraSettings;
  readonly config: DecoderConfig;
  /** Name or path of the base model. */
  readonly base: string;
  /** By layer, then in the order of `linearNames`. */
  readonly matrices: readonly LoraMatrices[];
}
