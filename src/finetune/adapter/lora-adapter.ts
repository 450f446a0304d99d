import type { DecoderConfig, LinearName } from "../decoder/decoder-config.ts";
import type { LoraSettings } from "../decoder/lora-settings.ts";

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

export type { LoraSettings } from "../decoder/lora-settings.ts";
