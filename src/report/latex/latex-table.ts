/** @file Tables in LaTeX, with the rules of the package booktabs. */

const commands: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  "±": "$\\pm$",
  "−": "$-$",
};

/** Any text as LaTeX prints it: special characters escaped, line breaks as spaces. */
export function latexText(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\~^<>|±−{}$&#_%]/g, (char) => commands[char] ?? `\\${char}`);
}

interface LatexTable {
  /** LaTeX. */
  readonly caption: string;
  /** Of `\label`: letters, digits and hyphens; others become hyphens. */
  readonly label: string;
  /** Who wrote it, as a comment of one line. */
  readonly source: string;
  readonly columns: readonly {
    /** LaTeX. */
    readonly head: string;
    readonly align: "l" | "r";
  }[];
  /** Rows of cells in LaTeX; a rule separates groups. */
  readonly groups: readonly (readonly (readonly string[])[])[];
}

/** A floating table, ready to be pasted or `\input`. */
export function latexTable({ caption, label, source, columns, groups }: LatexTable): string {
  const line = (cells: readonly string[]): string => `    ${cells.join(" & ")} \\\\`;
  const body = groups.map((rows) => rows.map(line).join("\n")).join("\n    \\midrule\n");
  return [
    `% ${source.replace(/\s+/g, " ")}. Needs \\usepackage{booktabs}.`,
    "\\begin{table}[t]",
    "  \\centering",
    `  \\caption{${caption}}`,
    `  \\label{tab:${label.replace(/[^A-Za-z0-9]+/g, "-")}}`,
    `  \\begin{tabular}{${columns.map(({ align }) => align).join("")}}`,
    "    \\toprule",
    line(columns.map(({ head }) => head)),
    "    \\midrule",
    body,
    "    \\bottomrule",
    "  \\end{tabular}",
    "\\end{table}",
    "",
  ].join("\n");
}
