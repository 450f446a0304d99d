/** @file Arithmetic on tensor shapes. */
import { elements } from "../base/element-count.ts";
import type { Shape } from "./ops.ts";

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The common shape of two operands, as in NumPy: axes aligned at the last, sizes equal or 1. */
export function broadcastShape(what: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const sizeA = a[axis - rank + a.length] ?? 1;
    const sizeB = b[axis - rank + b.length] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new RangeError(`${what}: ${show(a)} and ${show(b)} do not broadcast`);
    }
    return Math.max(sizeA, sizeB);
  });
}

/** The axes of `from` to sum over to undo broadcasting from `to`. */
export function broadcastAxes(from: Shape, to: Shape): readonly number[] {
  const added = from.length - to.length;
  return from.flatMap((size, axis) =>
    axis < added || (to[axis - added] === 1 && size !== 1) ? [axis] : [],
  );
}

/** `shape` with its -1, if any, inferred from the number of values in `from`. */
export function resolveReshape(from: Shape, shape: Shape): Shape {
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const resolved = shape.map((size) => (size === -1 ? elements(from) / known : size));
  const free = shape.filter((size) => size === -1).length;
  if (free > 1 || !resolved.every(Number.isInteger) || elements(resolved) !== elements(from)) {
    throw new RangeError(`reshape: ${show(from)} does not fit ${show(shape)}`);
  }
  return resolved;
}

/** Shape of a batched matrix product. */
export function matmulShape(a: Shape, b: Shape, transposeA: boolean, transposeB: boolean): Shape {
  const [rows, innerA] = lastTwo(a, transposeA);
  const [innerB, columns] = lastTwo(b, transposeB);
  if (a.length < 2 || b.length < 2 || innerA !== innerB) {
    const read = (transposed: boolean) => (transposed ? " transposed" : "");
    throw new RangeError(
      `matmul: ${show(a)}${read(transposeA)} times ${show(b)}${read(transposeB)}`,
    );
  }
  return [...broadcastShape("matmul", a.slice(0, -2), b.slice(0, -2)), rows, columns];
}

/** The axis counted from the first: -1 becomes the last. */
export function resolveAxis(what: string, shape: Shape, axis: number): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(resolved) || resolved < 0 || resolved >= shape.length) {
    throw new RangeError(`${what}: axis ${axis} of a tensor of shape ${show(shape)}`);
  }
  return resolved;
}

export function withSize(shape: Shape, axis: number, size: number): Shape {
  return shape.map((old, index) => (index === axis ? size : old));
}

export function show(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

function lastTwo(shape: Shape, transposed: boolean): readonly [number, number] {
  const rows = shape.at(-2) ?? 0;
  const columns = shape.at(-1) ?? 0;
  return transposed ? [columns, rows] : [rows, columns];
}
