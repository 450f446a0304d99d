import { describe, expect, test } from "vitest";
import { itemContexts, userContexts } from "../../../src/knowledge/contexts/contexts.ts";
import { batchFromRows } from "../../../src/tables/batch-from-rows.ts";
import { item } from "./make-contexts.ts";

const items = new Map([1, 2, 3].map((id) => [id, item(id, 1950 + id, "Drama")]));
const source = { items, positiveAbove: 3.5 };
const [one, two] = [item(1, 1951, "Drama"), item(2, 1952, "Drama")];

describe("userContexts", () => {
  test("joins items to ratings; liked means above the threshold", () => {
    const batch = batchFromRows("user_contexts", [
      { user_id: 7, last_ts: new Date(0), history_items: [2, 1], history_ratings: [3.5, 4] },
      { user_id: 8, last_ts: null, history_items: [], history_ratings: [] },
    ]);
    expect(userContexts(batch, source)).toEqual([
      {
        userId: 7,
        history: [
          { item: two, rating: 3.5, liked: false },
          { item: one, rating: 4, liked: true },
        ],
      },
      { userId: 8, history: [] },
    ]);
  });

  test("an item that the catalogue lacks is an error that names user and item", () => {
    const batch = batchFromRows("user_contexts", [
      { user_id: 7, history_items: [9], history_ratings: [1] },
    ]);
    expect(() => userContexts(batch, source)).toThrow("user 7 names item 9");
  });

  test("lists of different length are an error", () => {
    const batch = batchFromRows("user_contexts", [
      { user_id: 7, history_items: [1, 2], history_ratings: [1] },
    ]);
    expect(() => userContexts(batch, source)).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID" }),
    );
  });
});

describe("itemContexts", () => {
  test("keeps liker and disliker apart, null when there is none", () => {
    const batch = batchFromRows("item_contexts", [
      {
        item_id: 1,
        liker_id: 7,
        liker_items: [2],
        liker_ratings: [5],
        disliker_id: null,
        disliker_items: null,
        disliker_ratings: null,
      },
    ]);
    expect(itemContexts(batch, source)).toEqual([
      {
        itemId: 1,
        item: one,
        liker: { userId: 7, history: [{ item: two, rating: 5, liked: true }] },
        disliker: null,
      },
    ]);
  });
});
