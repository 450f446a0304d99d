/** Several conversations one after the other, as one row of tokens. Letters: `S` = tokens of the row. */
export interface PackedRow {
  /** Token ids, `[S]` */
  readonly ids: Int32Array;
  /** Places in their conversation, from 0, `[S]` */
  readonly positions: Int32Array;
  /** Number of the conversation that each token is of, from 0, ascending; `[S]` */
  readonly segments: Int32Array;
  /** The token that each place is to predict, or {@link noTarget}; `[S]` */
  readonly targets: Int32Array;
}

/** A place from which nothing is to be predicted: the next token is of the prompt, or there is none. */
export const noTarget = -1;
