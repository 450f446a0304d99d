import { describe, expect, test } from "vitest";
import { linearNames, type DecoderConfig } from "../../../src/finetune/decoder/decoder-config.ts";
import {
  loraCount,
  trainingFlops,
  trainingNeed,
  weightCount,
} from "../../../src/finetune/loop/estimate.ts";

/** The sizes of Qwen2.5-0.5B. */
const half: DecoderConfig = {
  ...{ architecture: "qwen2", layers: 24, hidden: 896, heads: 14, keyHeads: 2, headWidth: 64 },
  ...{ inner: 4864, vocabulary: 151_936, normEpsilon: 1e-6, ropeBase: 1e6, contextTokens: 32_768 },
  ...{ hasBiases: true, hasHeadNorms: false, isTied: true },
};
const lora = { rank: 8, alpha: 16, dropout: 0, targets: linearNames };
const names = { maxTokens: "finetune.maxTokens", base: "finetune.base" };
const gigabyte = 1024 ** 3;

describe("the sizes of a training", () => {
  test("count the numbers of the model and of the adapter", () => {
    expect(weightCount(half) / 1e6).toBeCloseTo(494, 0);
    // Per layer: q and o 896 + 896, k and v 896 + 128, gate, up and down 896 + 4864, each times the rank.
    expect(loraCount(half, lora)).toBe(24 * 8 * (2 * 1792 + 2 * 1024 + 3 * 5760));
    expect(loraCount(half, { rank: 4, targets: ["mlp.up_proj"] })).toBe(24 * 4 * 5760);
  });

  test("come to what trainings of this shape were seen to take", () => {
    const { bytes } = trainingNeed(half, { lora, maxTokens: 704 }, names);
    expect(bytes / gigabyte).toBeGreaterThan(3.2);
    expect(bytes / gigabyte).toBeLessThan(4.2);
    // 1.88 GFLOP a token, of which attention is some percent.
    const flops = trainingFlops(half, { tokens: 704, answerTokens: 303 });
    expect(flops / 704 / 1e9).toBeGreaterThan(1.6);
    expect(flops / 704 / 1e9).toBeLessThan(1.9);
  });

  test("have a cure: shorter rows that fit, else a smaller model", () => {
    const { cure } = trainingNeed(half, { lora, maxTokens: 4096 }, names);
    const found = cure?.(4 * gigabyte) ?? "";
    const [, tokens] = /^finetune\.maxTokens: (\d+)$/.exec(found) ?? [];
    const fits = trainingNeed(half, { lora, maxTokens: Number(tokens) }, names);
    expect(fits.bytes).toBeLessThanOrEqual(4 * gigabyte);
    expect(cure?.(gigabyte)).toBe("finetune.base to a smaller model");
    const option = { maxTokens: "--max-tokens", base: "--base", isOption: true };
    expect(trainingNeed(half, { lora, maxTokens: 4096 }, option).cure?.(4 * gigabyte)).toBe(
      `--max-tokens ${tokens ?? ""}`,
    );
  });
});
