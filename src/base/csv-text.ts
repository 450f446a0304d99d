/** A value of a table as a field of CSV by RFC 4180: null is empty, and the empty text is quoted, to tell it from null. */
export function csvField(text: string | null): string {
  if (text === null) return "";
  return /^$|[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows of fields as CSV; lines end with a line feed. */
export function csvText(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows
    .map((row) => `${row.map((cell) => csvField(cell === null ? null : String(cell))).join(",")}\n`)
    .join("");
}
