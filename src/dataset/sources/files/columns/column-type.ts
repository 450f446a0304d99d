/** @file What DuckDB's names of column types say. */

/** Whether a column of this type holds whole numbers. */
export function isWhole(type: string): boolean {
  return /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type);
}

/** Whether a column of this type holds binary floating-point numbers. */
export function isFloating(type: string): boolean {
  return type === "FLOAT" || type === "DOUBLE";
}

/** Whether a column of this type holds decimal numbers. */
export function isDecimal(type: string): boolean {
  return type.startsWith("DECIMAL");
}

/** Whether a column of this type holds instants, which need no unit. */
export function isInstant(type: string): boolean {
  return /^(DATE|TIMESTAMP.*)$/.test(type);
}

/** SQL of a column as text. */
export function asText(column: string, type: string): string {
  return type === "VARCHAR" ? column : `cast(${column} as varchar)`;
}
