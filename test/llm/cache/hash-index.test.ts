import { describe, expect, test } from "vitest";
import { createHashIndex, type Place } from "../../../src/llm/cache/hash-index.ts";
import { seededRandom } from "../../util/seeded-random.ts";

function hex(...words: readonly number[]): string {
  return words.map((word) => word.toString(16).padStart(8, "0")).join("");
}

describe("createHashIndex", () => {
  test("finds nothing before it holds anything", () => {
    expect(createHashIndex().find(hex(1, 2))).toEqual([]);
  });

  test("holds the largest places", () => {
    const index = createHashIndex();
    const place: Place = { segment: 2 ** 32 - 1, offsetBytes: 2 ** 48 - 1, bytes: 2 ** 32 - 1 };
    index.add(hex(2 ** 32 - 1, 2 ** 32 - 1), place);
    expect(index.find(hex(2 ** 32 - 1, 2 ** 32 - 1))).toEqual([place]);
    expect(() => {
      index.add(hex(1, 1), { ...place, offsetBytes: 2 ** 48 });
    }).toThrow("does not fit");
  });

  test.each([1, 2, 3, 4])(
    "agrees with a Map of lists, also where keys collide (seed %d)",
    (seed) => {
      const random = seededRandom(seed);
      const index = createHashIndex(8);
      const model = new Map<string, Place[]>();
      for (let number = 0; number < 3000; number += 1) {
        // Few low words crowd the table: long runs of neighbours that wrap around its end.
        const key = hex(random(8), 2 ** 32 - 1 - random(300));
        const place: Place = {
          segment: random(9),
          offsetBytes: random(2 ** 31) * 60_000,
          bytes: 1 + number,
        };
        index.add(key, place);
        model.set(key, [...(model.get(key) ?? []), place]);
      }
      expect(index.size).toBe(3000);
      for (const [key, places] of model) expect(index.find(key)).toEqual(places);
      expect(index.find(hex(9, 2 ** 32 - 1))).toEqual([]);
    },
  );
});
