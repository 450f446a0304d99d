import { formatCount } from "../../page/format-number.ts";
import { html, type Html } from "../../page/html.ts";
import { dataTable, section } from "../../page/page-parts.ts";
import { paperTokens } from "../../tables/lesson-lengths.ts";
import type { RunResults } from "../run-results.ts";

/** What a teacher's texts became: the rows that actor and reflector can be fine-tuned on. Null without any. */
export function lessonsSection({ lessons = [] }: RunResults): Html | null {
  if (lessons.length === 0) return null;
  const isEstimated = lessons.some((each) => each.isEstimated);
  return section("lessons", "Fine-tuning data", [
    dataTable(
      lessons,
      [
        { head: "Model", cell: ({ subject, role }) => `${role} about ${subject}s` },
        { head: "Rows", isNumber: true, cell: ({ rows }) => formatCount(rows) },
        { head: "For validation", isNumber: true, cell: (row) => formatCount(row.validRows) },
        { head: "Users or items", isNumber: true, cell: (row) => formatCount(row.subjects) },
        {
          head: "Mean tokens",
          isNumber: true,
          cell: (row) => formatCount(Math.round(row.meanTokens)),
        },
        { head: "95 % have at most", isNumber: true, cell: (row) => formatCount(row.p95Tokens) },
        { head: "Most tokens", isNumber: true, cell: (row) => formatCount(row.mostTokens) },
        {
          head: `Over ${formatCount(paperTokens)}`,
          isNumber: true,
          cell: (row) => formatCount(row.rowsOverLimit),
        },
      ],
      "Rows that each model learns from, prompt and answer together",
    ),
    isEstimated ? html`<p class="note">Tokens are estimated as one per four characters.</p>` : null,
  ]);
}
