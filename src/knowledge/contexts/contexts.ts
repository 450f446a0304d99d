/** @file Structured contexts: all that actor and reflector may know about a user or an item. */

import { Vector, type RecordBatch } from "apache-arrow";
import { FlowError } from "../../base/errors.ts";

/** An item's metadata. */
export interface Item {
  readonly itemId: number;
  readonly title: string;
  readonly year: number | null;
  /** Values by attribute name. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** One rated item of a history. */
export interface Rated {
  readonly item: Item;
  /** In the source's scale; 0 or 1 where events are no ratings. */
  readonly rating: number;
  readonly liked: boolean;
}

/** A user's first items, oldest first. */
export interface UserContext {
  readonly userId: number;
  readonly history: readonly Rated[];
  /** Day of the last event in the history, such as 2003-02-28; absent where it is not known. */
  readonly until?: string;
  /** Values by attribute name, where texts may use them. */
  readonly attributes?: Item["attributes"];
}

/** An item, and the earlier ratings of one user who liked it and one who disliked it. */
export interface ItemContext {
  readonly itemId: number;
  readonly item: Item;
  /** Null when nobody in training liked it. */
  readonly liker: UserContext | null;
  /** Null when nobody in training disliked it. */
  readonly disliker: UserContext | null;
}

/** What is needed to turn ids and stars into contexts. */
export interface ContextSource {
  readonly items: ReadonlyMap<number, Item>;
  /** Attributes of users, where texts may use them. */
  readonly users?: ReadonlyMap<number, Item["attributes"]>;
  /** A rating above this counts as liked, stars. */
  readonly positiveAbove: number;
}

/**
 * The contexts of a record batch of `user_contexts`.
 *
 * @throws FlowError `INPUT_INVALID` for an item that `items` does not have, or lists of different length
 */
export function userContexts(batch: RecordBatch, source: ContextSource): readonly UserContext[] {
  const users = column(batch, "user_id");
  const history = historyReader(batch, "history_", source);
  const days: Vector | null = batch.getChild("last_day");
  return rowsOf(batch).map((row) => {
    const userId = idAt(users, row, "user_id");
    const day = days === null ? null : valueAt(days, row);
    const attributes = source.users?.get(userId);
    return {
      userId,
      history: history(row, `the context of user ${userId}`),
      ...(typeof day === "string" && { until: day }),
      ...(attributes !== undefined && { attributes }),
    };
  });
}

/**
 * The contexts of a record batch of `item_contexts`.
 *
 * @throws FlowError `INPUT_INVALID` for an item that `items` does not have, or lists of different length
 */
export function itemContexts(batch: RecordBatch, source: ContextSource): readonly ItemContext[] {
  const items = column(batch, "item_id");
  const liker = viewerReader(batch, "liker", source);
  const disliker = viewerReader(batch, "disliker", source);
  return rowsOf(batch).map((row) => {
    const itemId = idAt(items, row, "item_id");
    const where = `the context of item ${itemId}`;
    return {
      itemId,
      item: itemOf(source, itemId, where),
      liker: liker(row, where),
      disliker: disliker(row, where),
    };
  });
}

function viewerReader(
  batch: RecordBatch,
  prefix: string,
  source: ContextSource,
): (row: number, where: string) => UserContext | null {
  const ids = column(batch, `${prefix}_id`);
  const history = historyReader(batch, `${prefix}_`, source);
  return (row, where) =>
    valueAt(ids, row) === null
      ? null
      : { userId: idAt(ids, row, `${prefix}_id`), history: history(row, where) };
}

function historyReader(
  batch: RecordBatch,
  prefix: string,
  source: ContextSource,
): (row: number, where: string) => readonly Rated[] {
  const items = column(batch, `${prefix}items`);
  const ratings = column(batch, `${prefix}ratings`);
  return (row, where) => {
    const ids = numbersAt(items, row);
    const stars = numbersAt(ratings, row);
    if (ids.length !== stars.length) {
      throw new FlowError(
        "INPUT_INVALID",
        `${where}: ${prefix}items has ${ids.length} entries and ${prefix}ratings ${stars.length}; make the contexts again.`,
      );
    }
    return ids.map((id, place) => {
      const rating = stars[place] ?? Number.NaN;
      return { item: itemOf(source, id, where), rating, liked: rating > source.positiveAbove };
    });
  };
}

function itemOf(source: ContextSource, itemId: number, where: string): Item {
  const item = source.items.get(itemId);
  if (item === undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      `${where} names item ${itemId}, which the table \`items\` does not have; every rated item needs a row there.`,
    );
  }
  return item;
}

function rowsOf(batch: RecordBatch): readonly number[] {
  return Array.from({ length: batch.numRows }, (_, row) => row);
}

function column(batch: RecordBatch, name: string): Vector {
  const vector: Vector | null = batch.getChild(name);
  if (vector === null) {
    throw new FlowError("SCHEMA_MISMATCH", `The contexts have no column \`${name}\`.`);
  }
  return vector;
}

function valueAt(vector: Vector, row: number): unknown {
  const value: unknown = vector.get(row);
  return value;
}

function idAt(vector: Vector, row: number, name: string): number {
  const value = valueAt(vector, row);
  if (typeof value !== "number") {
    throw new FlowError(
      "SCHEMA_MISMATCH",
      `Column \`${name}\` of the contexts holds ${String(value)}.`,
    );
  }
  return value;
}

function numbersAt(vector: Vector, row: number): readonly number[] {
  const list = valueAt(vector, row);
  return list instanceof Vector ? Array.from(list, Number) : [];
}
