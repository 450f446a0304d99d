import { describe, expect, test } from "vitest";
import { loadItems } from "../../../src/knowledge/contexts/load-items.ts";
import { makeRunTable } from "../../util/hand-made-table.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

const long = "x".repeat(3_000_000);
const tags = Array.from({ length: 40_000 }, (_none, tag) => `tag ${tag}`);

describe("loadItems", () => {
  test("cuts a title, a value and a list that would fill any prompt, and says how many items it cut", async () => {
    await makeRunTable(memory.db, "items", [
      { item_id: 1, title: long, year: null, attributes: { genre: ["Drama"] } },
      { item_id: 2, title: "Heat", year: 1995, attributes: { plot: [long] } },
      { item_id: 3, title: "Ronin", year: 1998, attributes: { tag: tags } },
      { item_id: 4, title: "Tar", year: 2022, attributes: { genre: ["Drama"], mood: [] } },
      { item_id: 5, title: "Solaris", year: null, attributes: {} },
    ]);
    const { items, notes } = await loadItems(memory.db, { attributes: "all", itemCharacters: 500 });
    expect(items.get(1)?.title).toBe(`${"x".repeat(499)}…`);
    expect(items.get(2)?.attributes).toEqual({ plot: [`${"x".repeat(495)}…`] });
    expect(items.get(3)?.attributes["tag"]?.slice(0, 2)).toEqual(["tag 0", "tag 1"]);
    expect(items.get(3)?.attributes["tag"]?.join("")).toHaveLength(495);
    expect(items.get(4)?.attributes).toEqual({ genre: ["Drama"], mood: [] });
    expect(items.get(5)?.attributes).toEqual({});
    expect(notes).toEqual([
      "3 items have more than 500 characters of title and attribute values: " +
        "prompts and texts hold the first 500 of them (knowledge.itemCharacters)",
    ]);
  });

  test("counts only attributes that the texts may use", async () => {
    await makeRunTable(memory.db, "items", [
      { item_id: 1, title: "Heat", year: 1995, attributes: { genre: ["Crime"], plot: [long] } },
    ]);
    const settings = { attributes: ["genre"], itemCharacters: 500 };
    const { items, notes } = await loadItems(memory.db, settings);
    expect(items.get(1)?.attributes).toEqual({ genre: ["Crime"] });
    expect(notes).toEqual([]);
  });
});
