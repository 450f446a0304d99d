/** A Markdown table. Prettier aligns its columns later. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("\n", " ").replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Inline code. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** Prose in a table cell: what Markdown would take for markup is escaped. */
export function prose(text: string): string {
  return text.replaceAll(/[<>*]/g, (mark) => `\\${mark}`);
}

/** The anchor that GitHub gives to a heading. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
