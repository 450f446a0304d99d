import { expect, test } from "vitest";
import { shownTitle } from "../../../src/knowledge/contexts/shown-title.ts";

test.each([
  ["Show, The", "The Show"],
  ["Show, The (1999)", "The Show (1999)"],
  ["Year of Bread, A", "A Year of Bread"],
  ["Island of Lost Keys, The (Isla, La) (1995)", "The Island of Lost Keys (Isla, La) (1995)"],
  ["Aventure, L' (1960)", "L'Aventure (1960)"],
  ["Tin, Iron, The", "The Tin, Iron"],
  ["Yes, Theo", "Yes, Theo"],
  ["Pan, 24 cm", "Pan, 24 cm"],
  ["Salt & Pepper", "Salt & Pepper"],
  ["", ""],
])("%j is shown as %j", (title, shown) => {
  expect(shownTitle(title)).toBe(shown);
});
