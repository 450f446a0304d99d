import { quote } from "../quote.ts";

/** A path as an SQL literal that DuckDB reads as it is: it expands globs in every path. */
export function literalPath(path: string): string {
  return quote(literalPattern(path));
}

/** The pattern that matches a path and nothing else, for statements that take a path as a parameter. */
export function literalPattern(path: string): string {
  if (!/[*?[]/.test(path)) return path;
  // In a pattern a backslash cannot be written as itself, nor escaped: any character stands for it.
  return path.replace(/[*?[]/g, "[$&]").replaceAll("\\", "?");
}
