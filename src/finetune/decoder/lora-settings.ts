import type { LinearName } from "./decoder-config.ts";

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
