import { isScalar, visit, type Document, type Scalar } from "yaml";

/**
 * The first key that a map of the document holds twice. In place of the parser's own check, which compares each key with all others: a
 * map of 90,000 prices took it a minute.
 */
export function repeatedKey(document: Document): Scalar | undefined {
  let found: Scalar | undefined;
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          found = key;
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return found;
}
