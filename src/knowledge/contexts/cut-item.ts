import type { Item } from "./contexts.ts";

/**
 * An item whose title and attribute values have at most `most` characters together: the first ones, title first, values in their
 * order. A text that is cut ends with "…"; values after it are left out.
 *
 * @param most - UTF-16 code units, at least 1
 * @returns The item itself if it is short enough
 */
export function cutItem(item: Item, most: number): Item {
  const values = Object.values(item.attributes).flat();
  const characters = values.reduce((sum, value) => sum + value.length, item.title.length);
  if (characters <= most) return item;
  let left = most;
  const take = (text: string): string => {
    const taken = text.length <= left ? text : `${start(text, left - 1)}…`;
    left -= taken.length;
    return taken;
  };
  const title = take(item.title);
  const attributes = Object.entries(item.attributes).map(([name, all]) => {
    const kept: string[] = [];
    for (const value of all) {
      if (left <= 0) break;
      const isWhole = value.length <= left;
      kept.push(take(value));
      if (!isWhole) left = 0;
    }
    return [name, kept] as const;
  });
  return { ...item, title, attributes: Object.fromEntries(attributes) };
}

/** The first `length` code units, or one less where that would split a character. */
function start(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splits ? length - 1 : length);
}
