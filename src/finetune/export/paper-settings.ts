/** @file How the paper fine-tunes actor and reflector (section 3.4 and the set-up of its experiments). */

/** LoRA on every linear layer, AdamW, and a cosine with warm-up. */
export const paperSettings = {
  rank: 8,
  alpha: 16,
  dropout: 0.05,
  epochs: 3,
  /** Peak learning rate. */
  learningRate: 1e-4,
  /** Share of the updates in which the rate rises. */
  warmup: 0.1,
  /** Conversations per update. */
  batchSize: 16,
  /** Conversations that a GPU holds at a time: 8 of them make a batch. */
  rowsAtATime: 2,
  /** Of the order of the rows and the start of the adapter. */
  seed: 1,
} as const;

/** Updates of a training in all, and those of the warm-up. */
export function updatesOf(trainRows: number): { readonly all: number; readonly warmup: number } {
  const all = paperSettings.epochs * Math.ceil(trainRows / paperSettings.batchSize);
  return { all, warmup: Math.ceil(paperSettings.warmup * all) };
}
