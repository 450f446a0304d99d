import type { LoraMatrices, LoraSettings } from "./lora-adapter.ts";

/**
 * Adds an adapter to the weight it adapts: `W + alpha / rank · B A`. Sums in float64.
 *
 * @param weight - W, `[outputs, inputs]`, row-major; changed in place
 */
export function mergeLinear(
  weight: Float32Array,
  { a, b }: Pick<LoraMatrices, "a" | "b">,
  { rank, alpha }: Pick<LoraSettings, "rank" | "alpha">,
): void {
  const inputs = a.length / rank;
  const outputs = b.length / rank;
  const scale = alpha / rank;
  const change = new Float64Array(inputs);
  for (let output = 0; output < outputs; output++) {
    change.fill(0);
    for (let place = 0; place < rank; place++) {
      const factor = scale * (b[output * rank + place] ?? 0);
      const row = a.subarray(place * inputs, (place + 1) * inputs);
      for (let input = 0; input < inputs; input++) {
        change[input] = (change[input] ?? 0) + factor * (row[input] ?? 0);
      }
    }
    const start = output * inputs;
    for (let input = 0; input < inputs; input++) {
      weight[start + input] = (weight[start + input] ?? 0) + (change[input] ?? 0);
    }
  }
}
