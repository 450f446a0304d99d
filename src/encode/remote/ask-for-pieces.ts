import type { EmbeddingRefusal } from "../../llm/embeddings/embeddings.ts";
import {
  cachedVectors,
  type CachedVector,
  type KeepVector,
  type MissingText,
} from "../cache/cached-vectors.ts";
import type { VectorCache } from "../cache/vector-cache.ts";
import type { TextRefusal } from "../model/encoder.ts";
import { halveLarge, type SentText, type TextRoom } from "./cut-text.ts";

export interface PieceOptions {
  /** Identity of the server's vectors in the cache. */
  readonly served: string;
  readonly cache: VectorCache;
  readonly room: TextRoom;
  /** Names the text at a position in errors. */
  readonly nameText: (position: number) => string;
  /**
   * Asks the server for the vectors of pieces.
   *
   * @param pieces - How many there are in total, whether some have vectors already, and the name of the text that the piece at a position
   *   is of
   * @returns Those that the server refuses
   */
  readonly request: (
    missing: readonly MissingText[],
    keep: KeepVector,
    pieces: {
      readonly positions: number;
      readonly hasVectors: boolean;
      readonly nameOf: (position: number) => string;
    },
  ) => Promise<ReadonlyMap<string, EmbeddingRefusal>>;
}

/** What became of texts. */
export interface AskedPieces {
  /** Vectors by piece. */
  readonly known: ReadonlyMap<string, CachedVector>;
  /** Texts without a vector, by their position. */
  readonly refusals: ReadonlyMap<number, TextRefusal>;
}

/**
 * Asks for the pieces of texts until each text has all its vectors or is refused. A piece that is too large for the server is cut in
 * halves, as the settings say of texts that are too long.
 *
 * @param sent - One entry per text; those that are cut are replaced
 * @throws FlowError `INPUT_INVALID` for a text that is too large where that is an error
 */
export async function askForPieces(
  sent: SentText[],
  { served, cache, room, nameText, request }: PieceOptions,
): Promise<AskedPieces> {
  const known = new Map<string, CachedVector>();
  const refusals = new Map<number, TextRefusal>();
  for (let open = [...sent.keys()]; open.length > 0;) {
    const pieces = open.flatMap((position) =>
      (sent[position]?.pieces ?? []).map((piece) => ({ piece, position })),
    );
    const nameOf = (place: number): string => nameText(pieces[place]?.position ?? 0);
    const refused = new Map<string, EmbeddingRefusal>();
    const found = await cachedVectors(
      pieces.map(({ piece }) => piece),
      served,
      cache,
      async (missing, keep, cached) => {
        const hasVectors = cached + known.size > 0;
        const place = { positions: pieces.length, hasVectors, nameOf };
        const asked = await request(missing, keep, place);
        for (const [piece, refusal] of asked) refused.set(piece, refusal);
        return new Set(asked.keys());
      },
    );
    for (const [piece, vector] of found) known.set(piece, vector);
    open = open.filter((position) => {
      const text = sent[position];
      const refusal = decisive(text?.pieces ?? [], refused);
      if (text === undefined || refusal === undefined) return false;
      const which = (): string => nameText(position);
      const smaller = refusal.isAboutSize ? halveLarge(text, refused, room, which) : null;
      if (smaller !== null) {
        sent[position] = smaller;
        return true;
      }
      const { reason, attempts } = refusal;
      refusals.set(position, { status: statusOf(refusal), reason, attempts });
      return false;
    });
  }
  return { known, refusals };
}

/** Why a text is refused. What is not about size decides: smaller pieces would be refused as well. */
function decisive(
  pieces: readonly string[],
  refused: ReadonlyMap<string, EmbeddingRefusal>,
): EmbeddingRefusal | undefined {
  const found = pieces.flatMap((piece) => refused.get(piece) ?? []);
  return found.find(({ isAboutSize }) => !isAboutSize) ?? found[0];
}

function statusOf({ fault }: EmbeddingRefusal): TextRefusal["status"] {
  return fault === "filtered" || fault === "failed" ? fault : "rejected";
}
