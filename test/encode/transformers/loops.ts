/** @file The forward pass of BERT, XLM-RoBERTa and Longformer as plain loops in float64 over one sequence without padding. */
import type { Transformer, Weight } from "./weights.ts";

type Vector = readonly number[];
type Matrix = readonly Vector[];

export interface LoopOptions {
  /** Longformer: so many first tokens attend to all, and all attend to them. */
  readonly globalTokens?: number;
  /** Position of the first token. */
  readonly firstPosition: number;
}

/** The last layer's vectors of the tokens `ids`; `[T, hidden]`. */
export function lastHiddenState(
  { shape, weights }: Transformer,
  ids: readonly number[],
  { globalTokens = 0, firstPosition }: LoopOptions,
): Matrix {
  const weight = (name: string): Weight => {
    const found = weights.get(name);
    if (found === undefined) throw new Error(`no weight ${name}`);
    return found;
  };
  const row = ({ data, columns }: Weight, index: number): Vector => [
    ...data.subarray(index * columns, (index + 1) * columns),
  ];
  const linear = (x: Vector, name: string): Vector => {
    const { data, columns } = weight(`${name}.kernel`);
    return row(weight(`${name}.bias`), 0).map((bias, column) =>
      x.reduce((sum, value, i) => sum + value * (data[i * columns + column] ?? Number.NaN), bias),
    );
  };
  const normalise = (x: Vector, name: string): Vector => {
    const mean = total(x) / x.length;
    const variance = total(x.map((value) => (value - mean) ** 2)) / x.length;
    const scale = row(weight(`${name}.scale`), 0);
    const bias = row(weight(`${name}.bias`), 0);
    return x.map(
      (value, i) =>
        ((value - mean) / Math.sqrt(variance + shape.epsilon)) * at(scale, i) + at(bias, i),
    );
  };

  const isGlobal = (token: number): boolean => token < globalTokens;
  const sees = (from: number, to: number): boolean =>
    shape.architecture !== "longformer" ||
    isGlobal(from) ||
    isGlobal(to) ||
    Math.abs(from - to) <= shape.reach;
  const attend = (x: Matrix, layer: number): Matrix =>
    x.map((_, from) => {
      const [query, key, value] = isGlobal(from)
        ? (["globalQuery", "globalKey", "globalValue"] as const)
        : (["query", "key", "value"] as const);
      const asked = linear(x[from] ?? [], `${layer}.${query}`);
      const seen = x.flatMap((other, to) => (sees(from, to) ? [other] : []));
      const keys = seen.map((other) => linear(other, `${layer}.${key}`));
      const values = seen.map((other) => linear(other, `${layer}.${value}`));
      const size = shape.hidden / shape.heads;
      return Array.from({ length: shape.heads }, (_head, head) => {
        const part = (vector: Vector): Vector => vector.slice(head * size, (head + 1) * size);
        const scores = keys.map((one) => dot(part(asked), part(one)) / Math.sqrt(size));
        const shares = softmax(scores);
        return Array.from({ length: size }, (_value, i) =>
          total(values.map((one, token) => at(part(one), i) * at(shares, token))),
        );
      }).flat();
    });

  let x: Matrix = ids.map((id, place) => {
    const word = row(weight("word"), id);
    const position = row(weight("position"), firstPosition + place);
    const type = row(weight("type"), 0);
    return normalise(
      word.map((value, i) => value + at(position, i) + at(type, i)),
      "embedded",
    );
  });
  for (let layer = 0; layer < shape.layers; layer++) {
    const attended = attend(x, layer).map((vector) => linear(vector, `${layer}.output`));
    const middle = x.map((vector, i) =>
      normalise(add(vector, attended[i] ?? []), `${layer}.attended`),
    );
    x = middle.map((vector) => {
      const wide = linear(vector, `${layer}.up`).map(gelu);
      return normalise(add(vector, linear(wide, `${layer}.down`)), `${layer}.finished`);
    });
  }
  return x;
}

/** The mean of the tokens' vectors. */
export function meanOf(tokens: Matrix): Vector {
  return (tokens[0] ?? []).map(
    (_, i) => total(tokens.map((token) => at(token, i))) / tokens.length,
  );
}

/** The vector scaled to unit length. */
export function unitOf(vector: Vector): Vector {
  const length = Math.sqrt(dot(vector, vector));
  return vector.map((value) => value / length);
}

/** BERT's pooler: a dense layer and tanh over the first token. */
export function pooled({ weights }: Transformer, [first = []]: Matrix): Vector {
  const kernel = weights.get("pooler.kernel")?.data ?? [];
  const bias = weights.get("pooler.bias")?.data ?? [];
  return Array.from({ length: first.length }, (_, column) =>
    Math.tanh(
      first.reduce(
        (sum, value, i) => sum + value * (kernel[i * first.length + column] ?? 0),
        bias[column] ?? 0,
      ),
    ),
  );
}

function at(vector: Vector, index: number): number {
  const value = vector[index];
  if (value === undefined) throw new Error(`no number ${index}`);
  return value;
}

const total = (values: Vector): number => values.reduce((sum, value) => sum + value, 0);
const dot = (a: Vector, b: Vector): number => total(a.map((value, i) => value * at(b, i)));
const add = (a: Vector, b: Vector): Vector => a.map((value, i) => value + at(b, i));

function softmax(scores: Vector): Vector {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  return powers.map((power) => power / total(powers));
}

const gelu = (x: number): number => (x * (1 + erf(x / Math.SQRT2))) / 2;

/** The Maclaurin series; beyond 4 the function is within 2e-8 of 1. */
function erf(x: number): number {
  if (Math.abs(x) > 4) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
