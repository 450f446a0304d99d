/** Place of an answer: segment, offset and length. */
export interface Place {
  readonly segment: number;
  readonly offsetBytes: number;
  readonly bytes: number;
}

/** Places by key. Stores 64 bits of a key, so `find` may return places of other keys: the reader compares. */
export interface HashIndex {
  /** Entries added. */
  readonly size: number;
  /** @param key - At least 16 uniformly distributed hexadecimal digits, such as a sha256 */
  readonly add: (key: string, place: Place) => void;
  /** Places of keys that share the first 64 bits, oldest first. */
  readonly find: (key: string) => readonly Place[];
}

interface Slots {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly segment: Uint32Array;
  readonly offsetHigh: Uint16Array;
  readonly offsetLow: Uint32Array;
  /** 0 marks a free slot. */
  readonly bytes: Uint32Array;
}

const none: readonly Place[] = [];
const word = 2 ** 32;

/**
 * A hash table in typed arrays with open addressing, doubled when three quarters full: 22 bytes per slot, so 29 to 59 bytes per entry,
 * without JavaScript objects. Offsets up to 2^48 bytes, lengths up to 2^32.
 *
 * @param firstSlots - a power of two; default 1,024
 */
export function createHashIndex(firstSlots = 1024): HashIndex {
  let slots = freeSlots(firstSlots);
  let size = 0;

  const double = (): void => {
    const old = slots;
    const count = old.bytes.length;
    slots = freeSlots(count * 2);
    // Neighbours keep their order only if moved from the start of their run, so the walk begins after a free slot.
    const start = old.bytes.indexOf(0) + 1;
    for (let step = 0; step < count; step += 1) {
      const from = (start + step) & (count - 1);
      if (at(old.bytes, from) === 0) continue;
      const to = freeSlotFrom(slots, at(old.low, from));
      slots.high[to] = at(old.high, from);
      slots.low[to] = at(old.low, from);
      slots.segment[to] = at(old.segment, from);
      slots.offsetHigh[to] = at(old.offsetHigh, from);
      slots.offsetLow[to] = at(old.offsetLow, from);
      slots.bytes[to] = at(old.bytes, from);
    }
  };

  return {
    get size() {
      return size;
    },
    add: (key, { segment, offsetBytes, bytes }) => {
      if (bytes < 1 || bytes >= word || offsetBytes >= 2 ** 48) {
        throw new Error(`internal: a place of ${bytes} bytes at ${offsetBytes} does not fit`);
      }
      if ((size + 1) * 4 > slots.bytes.length * 3) double();
      const low = lowWord(key);
      const to = freeSlotFrom(slots, low);
      slots.high[to] = highWord(key);
      slots.low[to] = low;
      slots.segment[to] = segment;
      slots.offsetHigh[to] = Math.floor(offsetBytes / word);
      slots.offsetLow[to] = offsetBytes % word;
      slots.bytes[to] = bytes;
      size += 1;
    },
    find: (key) => {
      const low = lowWord(key);
      const high = highWord(key);
      const mask = slots.bytes.length - 1;
      let found: Place[] | null = null;
      for (let slot = low & mask; at(slots.bytes, slot) !== 0; slot = (slot + 1) & mask) {
        if (at(slots.low, slot) !== low || at(slots.high, slot) !== high) continue;
        found ??= [];
        found.push({
          segment: at(slots.segment, slot),
          offsetBytes: at(slots.offsetHigh, slot) * word + at(slots.offsetLow, slot),
          bytes: at(slots.bytes, slot),
        });
      }
      return found ?? none;
    },
  };
}

function freeSlots(count: number): Slots {
  return {
    high: new Uint32Array(count),
    low: new Uint32Array(count),
    segment: new Uint32Array(count),
    offsetHigh: new Uint16Array(count),
    offsetLow: new Uint32Array(count),
    bytes: new Uint32Array(count),
  };
}

function freeSlotFrom({ bytes }: Slots, low: number): number {
  const mask = bytes.length - 1;
  let slot = low & mask;
  while (at(bytes, slot) !== 0) slot = (slot + 1) & mask;
  return slot;
}

function at(numbers: Uint32Array | Uint16Array, place: number): number {
  return numbers[place] ?? 0;
}

function highWord(key: string): number {
  return parseInt(key.slice(0, 8), 16);
}

function lowWord(key: string): number {
  return parseInt(key.slice(8, 16), 16);
}
