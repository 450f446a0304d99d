/**
 * @file SentencePiece's normalisation map, which the tokenizer files of XLM-RoBERTa and its kin carry as `precompiled_charsmap`: a trie of
 * UTF-8 texts in a double array, and what each becomes. The tokenizer library replaces any such map by NFKC and a few rules.
 * Reference: Yata, "Darts-clone", whose units these are; SentencePiece, normalizer.cc.
 */

/** Bytes up to which a whole grapheme is looked up; longer ones go character by character. */
const graphemeBytes = 6;

const utf8 = new TextEncoder();

/**
 * The normaliser of a map. A grapheme becomes what the map has for the shortest beginning of it, which is how the tokenizers of the hub read
 * these maps and what their models have seen; what the map does not have stays.
 *
 * @param charsmap - base64, as in a `tokenizer.json`
 * @throws when it is no such map
 */
export function charsmapNormalizer(charsmap: string): (text: string) => string {
  const bytes = Buffer.from(charsmap, "base64");
  const trieBytes = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if (trieBytes === 0 || trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length) {
    throw new Error("precompiled_charsmap is no normalisation map");
  }
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, at) =>
    bytes.readUInt32LE(4 + 4 * at),
  );
  const texts = bytes.subarray(4 + trieBytes);
  const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const known = new Map<string, string>();

  const lookUp = (text: Uint8Array): string | null => {
    const index = shortestPrefix(units, text);
    if (index === null) return null;
    const end = texts.indexOf(0, index);
    return texts.toString("utf8", index, end === -1 ? texts.length : end);
  };
  const become = (grapheme: string): string => {
    const encoded = utf8.encode(grapheme);
    const whole = encoded.length < graphemeBytes ? lookUp(encoded) : null;
    if (whole !== null) return whole;
    return Array.from(grapheme, (character) => lookUp(utf8.encode(character)) ?? character).join(
      "",
    );
  };
  const normalize = (grapheme: string): string => {
    const normalized = known.get(grapheme) ?? become(grapheme);
    known.set(grapheme, normalized);
    return normalized;
  };
  return (text) => {
    // Of ASCII, only a line break of two characters is a grapheme of more than one.
    const isPlain = !text.includes("\r\n") && utf8.encode(text).length === text.length;
    const parts = isPlain
      ? Array.from(text)
      : Array.from(graphemes.segment(text), ({ segment }) => segment);
    return parts.map(normalize).join("");
  };
}

/** The value of the shortest text in the trie that `key` begins with, or null. */
function shortestPrefix(units: Uint32Array, key: Uint8Array): number | null {
  const unitAt = (at: number): number => units[at] ?? 0;
  let at = offsetOf(unitAt(0));
  for (const byte of key) {
    if (byte === 0) return null;
    at ^= byte;
    const unit = unitAt(at);
    if ((unit & 0x800000ff) >>> 0 !== byte) return null;
    at ^= offsetOf(unit);
    const hasValue = ((unit >>> 8) & 1) === 1;
    if (hasValue) return unitAt(at) & 0x7fffffff;
  }
  return null;
}

/** Where a unit's children lie, to be combined with its own place by exclusive or. */
function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
