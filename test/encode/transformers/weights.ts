/** @file Random weights of transformers small enough to compute by hand-written loops. */
import { randomStream } from "./random-stream.ts";

export type Architecture = "bert" | "xlm-roberta" | "longformer";

/** Sizes of a transformer. */
export interface TransformerShape {
  readonly architecture: Architecture;
  readonly vocabulary: number;
  /** Rows of the table of positions. */
  readonly positions: number;
  readonly hidden: number;
  readonly heads: number;
  readonly wide: number;
  readonly layers: number;
  /** Longformer: a token attends to so many on either side. */
  readonly reach: number;
  readonly epsilon: number;
}

/** Named weights, row-major: `[rows, columns]`, or `[columns]` with one row. */
export interface Weight {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

export interface Transformer {
  readonly shape: TransformerShape;
  readonly weights: ReadonlyMap<string, Weight>;
}

/** The weights of a transformer by name, drawn with a seed. Scales make every part matter: attention that is neither flat nor a single token. */
export function randomTransformer(shape: TransformerShape, seed: number): Transformer {
  const next = randomStream(seed);
  const weights = new Map<string, Weight>();
  const add = (name: string, rows: number, columns: number, scale: number, centre = 0): void => {
    const data = Float32Array.from({ length: rows * columns }, () => centre + scale * next());
    weights.set(name, { rows, columns, data });
  };
  const { hidden, wide } = shape;
  const norm = (name: string): void => {
    add(`${name}.scale`, 1, hidden, 0.3, 1);
    add(`${name}.bias`, 1, hidden, 0.3);
  };
  const linear = (name: string, from: number, to: number): void => {
    add(`${name}.kernel`, from, to, 1.6 / Math.sqrt(from));
    add(`${name}.bias`, 1, to, 0.2);
  };
  add("word", shape.vocabulary, hidden, 1);
  add("position", shape.positions, hidden, 0.5);
  add("type", 2, hidden, 0.5);
  norm("embedded");
  for (let layer = 0; layer < shape.layers; layer++) {
    for (const part of projectionsOf(shape)) linear(`${layer}.${part}`, hidden, hidden);
    linear(`${layer}.output`, hidden, hidden);
    norm(`${layer}.attended`);
    linear(`${layer}.up`, hidden, wide);
    linear(`${layer}.down`, wide, hidden);
    norm(`${layer}.finished`);
  }
  linear("pooler", hidden, hidden);
  return { shape, weights };
}

/** A Longformer has projections of their own for tokens with global attention. */
function projectionsOf({ architecture }: TransformerShape): readonly string[] {
  const local = ["query", "key", "value"];
  return architecture === "longformer"
    ? [...local, "globalQuery", "globalKey", "globalValue"]
    : local;
}
