import { formatCount } from "../../page/format-number.ts";
import { html, type Html } from "../../page/html.ts";
import { dataTable, pendingNote, section } from "../../page/page-parts.ts";
import { unknownVariants } from "../wording/variant-sentences.ts";
import type { RunResults } from "../run-results.ts";

/** The leak audits: the rule, the rows checked and the violations of each. */
export function auditSection(results: RunResults): Html {
  const { audits } = results;
  const unknown = unknownVariants(results);
  const title = "Leak audits";
  if (audits.length === 0) {
    return section("audits", title, pendingNote("samples", "The leak audits"));
  }
  const violations = audits.reduce((sum, audit) => sum + audit.violations, 0);
  return section("audits", title, [
    html`<p>
      Each audit is a query over the run’s tables that must return no rows.
      ${violations === 0 ? `All ${audits.length} pass.` : `${formatCount(violations)} rows break a rule.`}
      ${unknown === null ? null : `They say nothing of the vectors of ${unknown}, whose origin is unknown.`}
    </p>`,
    dataTable(
      audits,
      [
        { head: "Audit", cell: (audit) => html`<code>${audit.audit}</code>` },
        { head: "Rule", cell: (audit) => audit.about },
        { head: "Rows checked", isNumber: true, cell: (audit) => formatCount(audit.rowsChecked) },
        {
          head: "Violations",
          isNumber: true,
          cell: (audit) =>
            audit.violations === 0
              ? 0
              : html`<strong class="bad">${formatCount(audit.violations)}</strong>`,
        },
      ],
      "Leak audits of this run",
    ),
  ]);
}
