import type { DropoutMask } from "./traced-model.ts";
import { createRandom } from "../../base/random.ts";
import { elements } from "../../base/element-count.ts";

/**
 * A function that draws a training step's masks: 0 for the share `rate`, `1 / (1 - rate)` for the rest, so that sums keep their
 * mean (inverted dropout). They depend only on seed and step: a resumed run continues with the same masks.
 *
 * It returns the same arrays each time, with new contents.
 */
export function dropoutMasks(
  masks: readonly DropoutMask[],
  { rate, seed }: { readonly rate: number; readonly seed: number },
): (step: number) => Readonly<Record<string, Float32Array>> {
  const arrays = Object.fromEntries(
    masks.map(({ name, shape }) => [name, new Float32Array(elements(shape))]),
  );
  const kept = 1 / (1 - rate);
  return (step) => {
    for (const [name, values] of Object.entries(arrays)) {
      const { uniform } = createRandom(seed, `${name} of step ${step}`);
      for (let index = 0; index < values.length; index++) {
        values[index] = uniform() < rate ? 0 : kept;
      }
    }
    return arrays;
  };
}
