import type { Subject } from "../../base/terms.ts";
import { createRandom, type Random } from "../../base/random.ts";
import type { Deal } from "../variants.ts";
import type { VectorTable } from "./vectors.ts";

/**
 * Deals vectors as a variant asks: own = unchanged; permuted = no subject keeps its own; random = normal noise of the same mean
 * length. The same subjects have a vector as before.
 *
 * @param seed - The model's: each seed of a variant deals differently
 * @param subject - Users and items are dealt separately
 */
export function dealVectors(
  table: VectorTable,
  deal: Deal,
  { seed, subject }: { readonly seed: number; readonly subject: Subject },
): VectorTable {
  const random = createRandom(seed, `${deal} ${subject} vectors`);
  switch (deal) {
    case "own":
      return table;
    case "permuted":
      return permuted(table, random);
    case "random":
      return randomised(table, random);
  }
}

/**
 * One cycle through all subjects with a vector, uniformly drawn: no subject keeps its own vector, unless it is the only one.
 * Sattolo, "An algorithm to generate a random cyclic permutation", 1986.
 */
function permuted({ width, values, isPresent }: VectorTable, random: Random): VectorTable {
  const holders = holdersOf(isPresent);
  const givers = holders.slice();
  for (let last = givers.length - 1; last > 0; last--) {
    const chosen = Math.floor(random.uniform() * last);
    const moved = givers[last] ?? 0;
    givers[last] = givers[chosen] ?? 0;
    givers[chosen] = moved;
  }
  const dealt = new Float32Array(values.length);
  holders.forEach((holder, place) => {
    const from = (givers[place] ?? 0) * width;
    dealt.set(values.subarray(from, from + width), holder * width);
  });
  return { width, values: dealt, isPresent };
}

function randomised({ width, values, isPresent }: VectorTable, random: Random): VectorTable {
  const holders = holdersOf(isPresent);
  const noise = new Float32Array(values.length);
  for (const holder of holders) {
    for (let at = holder * width; at < (holder + 1) * width; at++) noise[at] = random.normal();
  }
  const scale = summedNorms(values, width, holders) / summedNorms(noise, width, holders);
  for (const holder of holders) {
    for (let at = holder * width; at < (holder + 1) * width; at++) {
      noise[at] = (noise[at] ?? 0) * scale;
    }
  }
  return { width, values: noise, isPresent };
}

/** Dense ids that have a vector, ascending. */
function holdersOf(isPresent: Uint8Array): Uint32Array {
  return Uint32Array.from(isPresent.keys()).filter((subject) => isPresent[subject] === 1);
}

function summedNorms(values: Float32Array, width: number, holders: Uint32Array): number {
  let sum = 0;
  for (const holder of holders) {
    let squares = 0;
    for (let at = holder * width; at < (holder + 1) * width; at++)
      squares += (values[at] ?? 0) ** 2;
    sum += Math.sqrt(squares);
  }
  return sum;
}
