import { createRandom } from "../../base/random.ts";
import type { EncodedChat } from "../text/chat-tokenizer.ts";
import { packChats, chatTokens } from "../text/pack-chats.ts";
import { noLabel, type PackedRow } from "../text/pack-chats.ts";

/**
 * Tokens that a row is filled to where there are enough short conversations, and so the least that is in flight: products are as fast
 * per token with this many as with more, and attention costs more the longer a row is.
 */
export const wishedTokens = 512;

/** Tokens of the longest row that conversations of up to `longest` tokens are packed into. */
export function rowTokens(longest: number): number {
  return Math.max(longest, wishedTokens);
}

/** The rows of one update. */
export interface TrainingBatch {
  readonly rows: readonly PackedRow[];
  readonly tokens: number;
  /** Tokens that are predicted: the loss is their mean. */
  readonly targets: number;
}

/** Rows that hold all conversations. */
export function rowsOf(chats: readonly EncodedChat[]): TrainingBatch {
  const longest = chats.reduce((most, chat) => Math.max(most, chatTokens(chat)), 0);
  const rows = packChats(chats, rowTokens(longest));
  const count = (of: (row: PackedRow) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  return {
    rows,
    tokens: count(({ ids }) => ids.length),
    targets: count(({ labels }) => labels.filter((id) => id !== noLabel).length),
  };
}

/**
 * The batches of an epoch: all conversations in an order of that epoch's own, `batchSize` per batch, the last with the rest.
 *
 * @param epoch - From 1
 */
export function* batchesOf(
  chats: readonly EncodedChat[],
  { batchSize, seed, epoch }: { batchSize: number; seed: number; epoch: number },
): Generator<TrainingBatch> {
  const { uniform } = createRandom(seed, `order of epoch ${epoch}`);
  const order = [...chats];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    const [one, two] = [order[last], order[other]];
    if (one && two) [order[last], order[other]] = [two, one];
  }
  for (let from = 0; from < order.length; from += batchSize) {
    yield rowsOf(order.slice(from, from + batchSize));
  }
}
