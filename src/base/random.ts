/** @file Seeded random numbers, for initial weights and the order of training rows. */

/** A seeded stream of random numbers. Equal seeds give equal streams on every machine. */
export interface Random {
  /** Uniform in `[0, 1)`, 53 bits. */
  readonly uniform: () => number;
  /** Standard normal: mean 0, variance 1. */
  readonly normal: () => number;
}

/**
 * A stream from xoshiro128** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021), whose 128 bits
 * of state are filled by splitmix32 from `seed` and the text `stream`.
 *
 * @param seed - Any integer; used modulo 2^32
 * @param stream - Streams of one seed with different names are independent for practical purposes
 */
export function createRandom(seed: number, stream = ""): Random {
  if (!Number.isInteger(seed)) {
    throw new TypeError(`Expected \`seed\` to be an integer, got ${seed}`);
  }
  const mix = splitmix32((seed ^ fnv1a(stream)) >>> 0);
  let a = mix();
  let b = mix();
  let c = mix();
  let d = mix();

  function nextUint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  }

  function uniform(): number {
    const high = nextUint32() >>> 5; // 27 bits
    const low = nextUint32() >>> 6; // 26 bits
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  let spare: number | undefined;

  /** Marsaglia's polar method: a point drawn in the unit disc gives two independent normals. */
  function normal(): number {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const squaredRadius = x * x + y * y;
      if (squaredRadius > 0 && squaredRadius < 1) {
        const scale = Math.sqrt((-2 * Math.log(squaredRadius)) / squaredRadius);
        spare = y * scale;
        return x * scale;
      }
    }
  }

  return { uniform, normal };
}

/** 0 to `size` - 1 in a random order. */
export function permutation(size: number, random: Random): Uint32Array {
  const order = new Uint32Array(size);
  for (let place = 0; place < size; place++) order[place] = place;
  shuffleInPlace(order, random);
  return order;
}

/** Puts `values` into a random order (Fisher and Yates), in place. */
export function shuffleInPlace(values: Uint32Array, random: Random): void {
  for (let last = values.length - 1; last > 0; last--) {
    const chosen = Math.floor(random.uniform() * (last + 1));
    const moved = values[last] ?? 0;
    values[last] = values[chosen] ?? 0;
    values[chosen] = moved;
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Steele, Lea and Flood's SplitMix, 32-bit finaliser of MurmurHash3: spreads a small seed over a whole state. */
function splitmix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x85ebca6b);
    word ^= word >>> 13;
    word = Math.imul(word, 0xc2b2ae35);
    return (word ^ (word >>> 16)) >>> 0;
  };
}

/** Fowler, Noll and Vo's hash of the text's UTF-16 code units; 0 for the empty text. */
function fnv1a(text: string): number {
  if (text === "") return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
