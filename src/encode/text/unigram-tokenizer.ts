/** @file The bundled encoder's own tokenizer: the most probable cut of a text into known pieces (Viterbi). */
import { z } from "zod";

const wordStart = "\u2581";
const unknownId = 0;

/** The parts of a `tokenizer.json` that are read. A reserved piece never occurs in a text. */
export const unigramFile = z.object({
  added_tokens: z.array(z.object({ id: z.int(), special: z.boolean() })),
  model: z.object({
    type: z.literal("Unigram"),
    unk_id: z.literal(unknownId),
    vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
  }),
});

interface TrieNode {
  readonly children: Map<number, TrieNode>;
  /** Of the piece that ends here; null when none does. */
  piece: { readonly id: number; readonly score: number } | null;
}

/**
 * Token ids as the encoder's package makes them: NFKC; U+2581 for every space and before the text; the cut with the
 * highest sum of scores; neighbouring unknown characters as one id 0. Time grows linearly with the text.
 *
 * The package's two habits that other Unigram tokenizers lack are kept, because its vectors are the reference: of equal
 * cuts the one whose last piece is shortest, and a sum of exactly 0 gives way to any later one (text that begins with ":").
 */
export function unigramTokenizer(
  file: z.infer<typeof unigramFile>,
): (text: string) => readonly number[] {
  const reserved = new Set(file.added_tokens.map(({ id }) => id));
  const root = newNode();
  file.model.vocab.forEach(([text, score], id) => {
    if (!reserved.has(id)) insert(root, text, { id, score });
  });
  return (text) => {
    const normalized = text.normalize("NFKC");
    if (normalized === "") return [];
    const marked = wordStart + normalized.replaceAll(" ", wordStart);
    return bestCut(root, codePoints(marked));
  };
}

function bestCut(root: TrieNode, characters: readonly number[]): readonly number[] {
  const size = characters.length + 1;
  const sums = new Float64Array(size); // best sum of a cut that ends here
  const starts = new Int32Array(size); // where its last piece starts
  const ids = new Int32Array(size);
  for (let start = 0; start < characters.length; start++) {
    const sum = sums[start] ?? 0;
    const reach = (end: number, id: number, score: number): void => {
      const known = sums[end] ?? 0;
      if (known !== 0 && sum + score < known) return;
      sums[end] = sum + score;
      starts[end] = start;
      ids[end] = id;
    };
    let isKnown = false;
    let node = root.children.get(characters[start] ?? -1);
    for (let end = start + 1; node !== undefined; end++) {
      if (node.piece !== null) {
        reach(end, node.piece.id, node.piece.score);
        isKnown = true;
      }
      node = node.children.get(characters[end] ?? -1);
    }
    if (!isKnown) reach(start + 1, unknownId, 0);
  }

  const cut: number[] = [];
  for (let end = characters.length; end > 0; end = starts[end] ?? 0) {
    const id = ids[end] ?? unknownId;
    if (id !== unknownId || cut.at(-1) !== unknownId) cut.push(id);
  }
  return cut.reverse();
}

function newNode(): TrieNode {
  return { children: new Map(), piece: null };
}

/** Of two equal pieces the later one counts. */
function insert(root: TrieNode, text: string, piece: NonNullable<TrieNode["piece"]>): void {
  let node = root;
  for (const character of codePoints(text)) {
    const child = node.children.get(character) ?? newNode();
    node.children.set(character, child);
    node = child;
  }
  node.piece = piece;
}

function codePoints(text: string): readonly number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}
