/** @file Writes a SentencePiece normalisation map, the way its own compiler does: a trie as a Darts-clone double array, then texts. */

interface Trie {
  readonly children: Map<number, Trie>;
  value: number | null;
}

/** The map as `precompiled_charsmap` holds it, base64. */
export function charsmap(entries: Readonly<Record<string, string>>): string {
  const root: Trie = { children: new Map(), value: null };
  let texts = "";
  for (const [from, to] of Object.entries(entries)) {
    let node = root;
    for (const byte of Buffer.from(from)) {
      const child = node.children.get(byte) ?? { children: new Map(), value: null };
      node.children.set(byte, child);
      node = child;
    }
    node.value = Buffer.byteLength(texts);
    texts += `${to}\0`;
  }
  const units = doubleArray(root);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(units.length * 4);
  const trie = Buffer.alloc(units.length * 4);
  units.forEach((unit, at) => trie.writeUInt32LE(unit, at * 4));
  return Buffer.concat([head, trie, Buffer.from(texts)]).toString("base64");
}

/**
 * A unit holds the byte that leads to it (bits 0-7), whether a text ends at it (bit 8) and the offset of its children (bits 10-30); the
 * child for byte b lies at place ^ offset ^ b, the value of a text that ends, with bit 31 set, where the child for byte 0 would.
 */
function doubleArray(root: Trie): readonly number[] {
  const units = new Map<number, number>([[0, 0]]);
  const place = (node: Trie, at: number, label: number): void => {
    const labels = [...(node.value === null ? [] : [0]), ...node.children.keys()];
    let offset = 1;
    while (labels.some((byte) => units.has(at ^ offset ^ byte) || (at ^ offset ^ byte) === 0)) {
      offset++;
    }
    units.set(at, (offset << 10) | (node.value === null ? 0 : 1 << 8) | label);
    for (const byte of labels) units.set(at ^ offset ^ byte, 0); // taken, before a child takes it
    if (node.value !== null) units.set(at ^ offset, (node.value | 0x80000000) >>> 0);
    for (const [byte, child] of node.children) place(child, at ^ offset ^ byte, byte);
  };
  place(root, 0, 0);
  const size = Math.max(...units.keys()) + 1;
  return Array.from({ length: size }, (_, at) => units.get(at) ?? 0);
}
