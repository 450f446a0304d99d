/** @file How the vectors of tokens become that of a text, as sentence-transformers names it. */
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";

/**
 * cls: the first token; max, mean: of every number over the tokens; mean_sqrt_len_tokens: the sum over the square root of their count;
 * weightedmean: the mean weighted by position from 1; lasttoken: the last token. Special tokens count, padding does not.
 */
export const poolings = [
  "cls",
  "max",
  "mean",
  "mean_sqrt_len_tokens",
  "weightedmean",
  "lasttoken",
] as const;

/** See {@link poolings}. */
export type Pooling = (typeof poolings)[number];

/** Content of a module `Pooling`. */
export interface PoolingConfig {
  /** The vectors of several are concatenated in this order. */
  readonly poolings: readonly [Pooling, ...Pooling[]];
  /** Whether tokens of the prompt are pooled. */
  readonly poolsPrompt: boolean;
}

/** Keys of earlier versions, in the order in which their vectors are concatenated. */
const switches: Readonly<Record<string, Pooling>> = {
  pooling_mode_cls_token: "cls",
  pooling_mode_max_tokens: "max",
  pooling_mode_mean_tokens: "mean",
  pooling_mode_mean_sqrt_len_tokens: "mean_sqrt_len_tokens",
  pooling_mode_weightedmean_tokens: "weightedmean",
  pooling_mode_lasttoken: "lasttoken",
};

const configSchema = z.looseObject({
  pooling_mode: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  include_prompt: z.boolean().default(true),
});

/**
 * Reads the `config.json` of a module `Pooling`; where none is switched on, it is the mean.
 *
 * @throws FlowError `INPUT_INVALID` naming a pooling that is not known
 */
export function parsePooling(file: string, content: unknown): PoolingConfig {
  const config = configSchema.safeParse(content);
  if (!config.success) {
    throw new FlowError("INPUT_INVALID", `${file}: ${z.prettifyError(config.error)}`);
  }
  const { pooling_mode: named, include_prompt: poolsPrompt, ...rest } = config.data;
  const switched = Object.keys({ ...switches, ...rest }).filter(
    (key) => key.startsWith("pooling_mode_") && rest[key] === true,
  );
  const wanted = named === undefined ? switched.map((key) => switches[key] ?? key) : [named].flat();
  const [first = "mean", ...others] = wanted.map((name): Pooling => {
    const found = poolings.find((one) => one === name);
    if (found !== undefined) return found;
    throw new FlowError(
      "INPUT_INVALID",
      `${file}: the pooling ${name} is not supported; known are ${poolings.join(", ")}. Choose one with encode.pooling, ` +
        "which gives other vectors than the model's own, or take another encoder",
    );
  });
  return { poolings: [first, ...others], poolsPrompt };
}
