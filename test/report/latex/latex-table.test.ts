import { describe, expect, test } from "vitest";
import { latexTable, latexText } from "../../../src/report/latex/latex-table.ts";

describe("latexText", () => {
  test.each([
    ["A & B_2, 5 %", "A \\& B\\_2, 5 \\%"],
    ["{x} $y$ #1", "\\{x\\} \\$y\\$ \\#1"],
    ["C:\\data~1^2", "C:\\textbackslash{}data\\textasciitilde{}1\\textasciicircum{}2"],
    ["<a|b>", "\\textless{}a\\textbar{}b\\textgreater{}"],
    ["0.1 ± 0.2 − 1", "0.1 $\\pm$ 0.2 $-$ 1"],
    ["two\nlines  here", "two lines here"],
  ])("%j prints as it is", (text, latex) => {
    expect(latexText(text)).toBe(latex);
  });
});

describe("latexTable", () => {
  test("has the rules of booktabs, one between groups, and a label LaTeX accepts", () => {
    const table = latexTable({
      ...{ caption: "A caption.", label: "my_run@1", source: "Made\nby hand" },
      columns: [
        { head: "Model", align: "l" },
        { head: "AUC", align: "r" },
      ],
      groups: [
        [
          ["a", "1"],
          ["b", "2"],
        ],
        [["c", "3"]],
      ],
    });
    expect(table.split("\n")).toEqual([
      "% Made by hand. Needs \\usepackage{booktabs}.",
      ...["\\begin{table}[t]", "  \\centering", "  \\caption{A caption.}"],
      ...["  \\label{tab:my-run-1}", "  \\begin{tabular}{lr}", "    \\toprule"],
      ...["    Model & AUC \\\\", "    \\midrule", "    a & 1 \\\\", "    b & 2 \\\\"],
      ...["    \\midrule", "    c & 3 \\\\", "    \\bottomrule", "  \\end{tabular}"],
      ...["\\end{table}", ""],
    ]);
  });
});
