import type { RunResults } from "../run-results.ts";
import type { PaperName } from "../settings.ts";
import { compareFigure } from "./compare-figure.ts";
import { compareTable } from "./compare-table.ts";
import { makersOf, type Maker } from "./makers.ts";
import type { PaperComparison } from "./paper-comparison.ts";
import { figureNotes, tableNotes, type Compared } from "./paper-notes.ts";
import { readPaperResults, type PaperResults } from "./paper-results.ts";

/** The results with a table or figure of the paper beside them, where one is named. */
export function withPaper(results: RunResults, name: PaperName | undefined): RunResults {
  if (name === undefined) return results;
  return { ...results, paper: comparePaper(name, results, makersOf(results.variants)) };
}

/** A run beside a table or figure of the paper. */
export function comparePaper(
  name: PaperName,
  results: Compared,
  makers: readonly Maker[],
  paper: PaperResults = readPaperResults(),
): PaperComparison {
  const { summaries } = results;
  const table = paper.tables[name];
  if (table !== undefined) {
    const data = paper.data[table.data];
    const { users, items } = results.dataset;
    const isSameData = users === data.users && items === data.items && !results.dataset.simulated;
    const rows = compareTable(table, { summaries, makers, isSameData });
    return {
      name,
      title: `${table.source}, ${data.label}: ${table.about}`,
      notes: tableNotes({ results, makers, data, isSameData, rows }),
      statements: [],
      rows,
      figure: null,
    };
  }
  const text = paper.figures[name];
  if (text === undefined) throw new Error(`internal: data/paper-results.json has no ${name}`);
  const figure = compareFigure(text.by, summaries, makers);
  return {
    name,
    title: `${text.source.replace(/ and .*/, "")}: ${text.about}`,
    notes: figureNotes({ results, makers, figure }),
    statements: [`The figure shows ${text.where}.`, ...text.statements],
    rows: [],
    figure,
  };
}
