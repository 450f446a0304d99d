import { quote } from "../../../tables/quote.ts";

/** A path as an SQL literal that DuckDB reads as it is: it expands globs in every path. */
export function literalPath(path: string): string {
  return quote(path.replace(/[*?[]/g, "[$&]"));
}
