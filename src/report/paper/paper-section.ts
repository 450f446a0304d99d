import { html, type Html } from "../../page/html.ts";
import { dataTable, section } from "../../page/page-parts.ts";
import { backboneName } from "../wording/display-names.ts";
import { formatLift, formatMeanAndSpread, formatScore } from "../wording/format-score.ts";
import { selectionMark } from "../wording/sentences.ts";
import type { RunResults } from "../run-results.ts";
import { axisFigures } from "./axis-figures.ts";
import type { MeasuredScores, PaperComparison, PaperRow } from "./paper-comparison.ts";

/** A table or figure of the paper with this run's numbers beside it; null where none is named or no model is trained yet. */
export async function paperSection(
  results: Pick<RunResults, "paper" | "summaries" | "selectedOn">,
): Promise<Html | null> {
  const { paper, summaries } = results;
  if (paper === undefined || summaries.length === 0) return null;
  const mark = selectionMark(results);
  return section("paper", `The paper’s ${paper.title}`, [
    html`<p>
      ${paper.notes.map((note) => html`${note} `)}
      ${mark === null ? null : html`<span class="tag">${mark}</span>`}
    </p>`,
    paper.figure === null
      ? rowsTable(paper)
      : html`<div class="figures">${await axisFigures(paper.figure)}</div>`,
    paper.statements.length === 0
      ? null
      : html`<p>What the paper says of its figure, in other words:</p>
          <ul>
            ${paper.statements.map((statement) => html`<li>${statement}</li> `)}
          </ul>`,
  ]);
}

function rowsTable({ rows, title }: PaperComparison): Html {
  const isFirst = (row: PaperRow): boolean =>
    rows.find(({ backbone }) => backbone === row.backbone) === row;
  const columns = (side: keyof MeasuredScores, name: string) => [
    {
      head: `${name}, paper`,
      isNumber: true,
      cell: ({ paper }: PaperRow) => (paper === null ? null : formatScore(paper[side])),
    },
    {
      head: "ours",
      isNumber: true,
      cell: ({ ours }: PaperRow) => (ours === null ? "not run" : formatMeanAndSpread(ours[side])),
    },
    {
      head: "ours − paper",
      isNumber: true,
      cell: ({ difference }: PaperRow) =>
        difference === null ? null : formatLift(difference[side]),
    },
  ];
  return dataTable(
    rows,
    [
      { head: "Backbone", cell: (row) => (isFirst(row) ? backboneName(row.backbone) : null) },
      { head: "Method", cell: ({ label }) => label },
      ...columns("auc", "AUC"),
      ...columns("logloss", "LogLoss"),
      { head: "Our variant", cell: ({ by }) => by },
    ],
    `${title}: the paper’s numbers and ours, mean ± one standard deviation over seeds`,
    { isFirst, isDense: true },
  );
}
