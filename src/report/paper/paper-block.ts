import { groupBy } from "../../base/group-by.ts";
import { backboneName } from "../wording/display-names.ts";
import { formatLift, formatMeanAndSpread, formatScore } from "../wording/format-score.ts";
import { wrapWords } from "../wording/wrap-words.ts";
import type { RunResults } from "../run-results.ts";
import type { MeasuredScores, PaperComparison, PaperRow } from "./paper-comparison.ts";

type Line = readonly string[];

/** The table or figure of the paper that a run is set beside, for a terminal; "" where none is, or no model is trained yet. */
export function paperBlock(
  { paper, summaries }: Pick<RunResults, "paper" | "summaries">,
  width: number,
): string {
  if (paper === undefined || summaries.length === 0) return "";
  const texts = [...paper.notes, ...paper.statements.map((statement) => `The paper: ${statement}`)];
  const notes = texts.flatMap((text) =>
    wrapWords(text, Math.max(20, width - 2)).map((line, place) =>
      place === 0 ? line : `  ${line}`,
    ),
  );
  const tables = paper.figure === null ? tableOf(paper.rows, width) : pointsOf(paper);
  return ["", `R4ec paper, ${paper.title}`, "", ...tables, "", ...notes, ""].join("\n");
}

const sides = ["auc", "logloss"] as const;
const names = { auc: "AUC", logloss: "LogLoss" } as const;

function tableOf(rows: readonly PaperRow[], width: number): readonly string[] {
  const whole = layout(rows, sides);
  const isTooWide = whole.some((line) => line.length > width);
  return isTooWide ? sides.flatMap((side) => ["", ...layout(rows, [side])]).slice(1) : whole;
}

/** Paper, ours and their difference of these scores, one line per row, a heading per backbone. */
function layout(
  rows: readonly PaperRow[],
  shown: readonly (keyof MeasuredScores)[],
): readonly string[] {
  const head = [
    "",
    ...shown.flatMap((side) => [`${names[side]}: paper`, "ours", "ours − paper"]),
    "",
  ];
  const lines = groupBy(rows, ({ backbone }) => [backbone]).flatMap((own): readonly Line[] => [
    [backboneName(own[0]?.backbone ?? "")],
    ...own.map(({ label, paper, ours, difference, by }) => [
      `  ${label}`,
      ...shown.flatMap((side) => [
        paper === null ? "" : formatScore(paper[side]),
        ours === null ? "" : formatMeanAndSpread(ours[side]),
        difference === null ? "" : formatLift(difference[side]),
      ]),
      by ?? "not run",
    ]),
  ]);
  return aligned([head, ...lines]);
}

function pointsOf({ figure }: PaperComparison): readonly string[] {
  if (figure === null) return [];
  const backbones = [...new Set([...figure.bases, ...figure.points].map((one) => one.backbone))];
  const scores = ({ auc, logloss }: MeasuredScores): Line => [
    formatMeanAndSpread(auc),
    formatMeanAndSpread(logloss),
  ];
  return aligned([
    [figure.axis, "AUC", "LogLoss", "by"],
    ...backbones.flatMap((backbone): readonly Line[] => [
      [backboneName(backbone)],
      ...figure.bases
        .filter((base) => base.backbone === backbone)
        .map((base) => ["  Base", ...scores(base)]),
      ...figure.points
        .filter((point) => point.backbone === backbone)
        .map((point) => [`  ${point.at}`, ...scores(point), point.series]),
    ]),
  ]);
}

/** Columns of equal width; a line of one cell, a heading, may run over them. */
function aligned(lines: readonly Line[]): readonly string[] {
  const columns = Math.max(0, ...lines.map((line) => line.length));
  const widths = Array.from({ length: columns }, (_none, column) =>
    Math.max(...lines.map((line) => (line.length === 1 ? 0 : (line[column]?.length ?? 0)))),
  );
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
