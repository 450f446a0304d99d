/** @file Padded attribute values as lists without gaps, so that a step's work grows with the values that items have. */
import { isLong } from "../../models/layers/embedding/long-attributes.ts";
import type { ModelShape } from "../../models/model.ts";
import { slotsOf } from "./model-inputs.ts";

/** See `ValueLists`. */
export interface ListArrays {
  /** Shape `[N]`. */
  readonly ids: Int32Array;
  /** Shape `[N]`. */
  readonly owners: Int32Array;
  /** Shape `[N, 1]`. */
  readonly weights: Float32Array;
}

/**
 * A function that collects the values of long attributes from padded ids `[..., S]`, in their order. It reuses its
 * arrays, and pads them with weights of 0 to one of a few lengths, since an engine plans its memory for each length.
 */
export function listCollector({
  attributeSlots,
}: Pick<ModelShape, "attributeSlots">): (padded: Int32Array) => ListArrays {
  const slots = slotsOf({ attributeSlots });
  let start = 0;
  const columns = attributeSlots.flatMap((places) => {
    const column = { start, end: start + places };
    start = column.end;
    return isLong(places) ? [column] : [];
  });
  let room = listRoom(0);
  const views = new Map<number, ListArrays>();

  function viewOf(length: number): ListArrays {
    const known = views.get(length);
    if (known) return known;
    const { ids, owners, weights } = room;
    const view = {
      ids: ids.subarray(0, length),
      owners: owners.subarray(0, length),
      weights: weights.subarray(0, length),
    };
    views.set(length, view);
    return view;
  }

  return (padded) => {
    const values = countValues(padded, slots, columns);
    const length = roundedLength(values);
    if (length > room.ids.length) {
      room = listRoom(length);
      views.clear();
    }
    const { ids, owners, weights } = room;
    let at = 0;
    for (let row = 0, owner = 0; row < padded.length; row += slots) {
      for (const { start: from, end: to } of columns) {
        const first = at;
        for (let place = row + from; place < row + to; place++) {
          const id = padded[place] ?? 0;
          if (id === 0) continue;
          ids[at] = id;
          owners[at++] = owner;
        }
        weights.fill(1 / (at - first), first, at);
        owner++;
      }
    }
    ids.fill(0, at, length);
    owners.fill(0, at, length);
    weights.fill(0, at, length);
    return viewOf(length);
  };
}

function listRoom(length: number): ListArrays {
  return {
    ids: new Int32Array(length),
    owners: new Int32Array(length),
    weights: new Float32Array(length),
  };
}

/** The places of an attribute in an item's row, the end excluded. */
interface Column {
  readonly start: number;
  readonly end: number;
}

function countValues(padded: Int32Array, slots: number, columns: readonly Column[]): number {
  let values = 0;
  for (let row = 0; row < padded.length; row += slots) {
    for (const { start, end } of columns) {
      for (let place = row + start; place < row + end; place++)
        values += padded[place] === 0 ? 0 : 1;
    }
  }
  return values;
}

/** At least 16, and at most an eighth more than the values: of lengths between two powers of 2 there are eight. */
function roundedLength(values: number): number {
  const step = 2 ** Math.max(1, Math.ceil(Math.log2(Math.max(1, values))) - 4);
  return Math.max(16, Math.ceil(values / step) * step);
}
