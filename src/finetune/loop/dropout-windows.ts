import { createRandom } from "../../base/random.ts";

/** Numbers in the table beyond the longest window: so many windows start at different places. */
const freePlaces = 1 << 22;

/** Random dropout factors: 0 with probability `share`, else `1 / (1 - share)`. */
export interface DropoutWindows {
  /**
   * The factors of one tensor.
   *
   * @param place - What it is of, such as step, row, layer and name: equal places have equal factors
   */
  readonly window: (length: number, place: string) => Float32Array;
}

/**
 * A table of random factors, of which every tensor is dealt a window that begins at a random place. Drawing each tensor's factors anew
 * would take longer than small models' products with them.
 *
 * @param longest - Most numbers of a window
 */
export function dropoutWindows(share: number, longest: number, seed: number): DropoutWindows {
  const { uniform } = createRandom(seed, "dropout");
  const kept = 1 / (1 - share);
  const table = new Float32Array(longest + freePlaces);
  for (let at = 0; at < table.length; at++) table[at] = uniform() < share ? 0 : kept;
  return {
    window: (length, place) => {
      const start = Math.floor(createRandom(seed, place).uniform() * (table.length - length));
      return table.subarray(start, start + length);
    },
  };
}
