/** A stream of random numbers that is the same on every machine: only integer and exactly rounded arithmetic. */
export interface RandomStream {
  /** Uniform in [0, 1), a multiple of 2^-32. */
  readonly uniform: () => number;
  /** Mean 0, standard deviation 1, within ±3.47: four uniforms added, close to normal without a logarithm. */
  readonly normal: () => number;
  /** Uniform integer in [0, `bound`). */
  readonly below: (bound: number) => number;
}

/**
 * The stream of a path, e.g. (seed, "viewer", 17). Streams of different paths are independent, so that adding a viewer changes no
 * other viewer.
 *
 * Generator: sfc32 of PractRand (Chris Doty-Humphrey, public domain), state filled from an FNV-1a hash of the path.
 */
export function randomStream(...path: readonly (number | string)[]): RandomStream {
  let a = hash(path, 0x811c9dc5);
  let b = hash(path, 0x9e3779b9);
  let c = hash(path, 0x85ebca6b);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) next();

  const uniform = (): number => next() / 2 ** 32;
  return {
    uniform,
    normal: () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3),
    below: (bound) => Math.floor(uniform() * bound),
  };
}

function hash(path: readonly (number | string)[], basis: number): number {
  let state = basis;
  for (const character of path.join("\u0000")) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  return (state ^ (state >>> 13)) | 0;
}
