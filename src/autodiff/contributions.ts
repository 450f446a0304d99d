/**
 * @file Sums the gradients that a tensor receives from its users.
 *
 * Slices and gathers only contribute to a part of the tensor. Their parts are combined first: a tensor cut into pieces gets one
 * concatenation, and an embedding table read twice gets one scatter, instead of a full-size zero tensor per use.
 */
import type { Shape } from "./ops.ts";
import type { Node } from "./graph.ts";
import { withSize } from "./shapes.ts";
import { elements } from "../base/element-count.ts";
import type { GraphOps } from "./trace.ts";

/** One term of a tensor's gradient. */
export type Contribution =
  | { readonly kind: "whole"; readonly value: Node }
  | Piece
  /** `value` `[...indices, ...row]` is added to the rows `indices` along axis 0. */
  | { readonly kind: "rows"; readonly indices: Node; readonly value: Node };

/** `value` covers positions along `axis`, from `start`. */
interface Piece {
  readonly kind: "piece";
  readonly axis: number;
  readonly start: number;
  readonly value: Node;
}

/** The sum of all contributions; has the given shape. */
export function collectContributions(
  ops: GraphOps,
  shape: Shape,
  contributions: readonly Contribution[],
): Node {
  const summands = contributions.flatMap((part) => (part.kind === "whole" ? [part.value] : []));
  for (const layer of layersOf(contributions.filter((part) => part.kind === "piece"))) {
    summands.push(layPieces(ops, shape, layer));
  }
  const rows = contributions.filter((part) => part.kind === "rows");
  if (rows.length > 0) {
    const row = shape.slice(1);
    const indices = rows.map((part) => ops.reshape(part.indices, [-1]));
    const values = rows.map((part) =>
      ops.reshape(part.value, [elements(part.indices.shape), ...row]),
    );
    summands.push(ops.scatterAdd(ops.concat(indices, 0), ops.concat(values, 0), shape));
  }
  return summands.reduce((total, summand) => ops.add(total, summand));
}

/** Groups of pieces that lie along one axis, in order and without overlap. */
function layersOf(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const layers: Piece[][] = [];
  for (const piece of pieces.toSorted((a, b) => a.start - b.start)) {
    const fitting = layers.find((layer) => {
      const last = layer.at(-1);
      return last !== undefined && last.axis === piece.axis && endOf(last) <= piece.start;
    });
    if (fitting) fitting.push(piece);
    else layers.push([piece]);
  }
  return layers;
}

/** The pieces side by side, zeros in the gaps. */
function layPieces(ops: GraphOps, shape: Shape, pieces: readonly Piece[]): Node {
  const axis = pieces[0]?.axis ?? 0;
  const parts: Node[] = [];
  let covered = 0;
  const fillTo = (position: number): void => {
    const gap = position - covered;
    if (gap > 0) parts.push(ops.constant(0, withSize(shape, axis, gap)));
  };
  for (const piece of pieces) {
    fillTo(piece.start);
    parts.push(piece.value);
    covered = endOf(piece);
  }
  fillTo(shape[axis] ?? 0);
  return ops.concat(parts, axis);
}

function endOf(piece: Piece): number {
  return piece.start + (piece.value.shape[piece.axis] ?? 0);
}
