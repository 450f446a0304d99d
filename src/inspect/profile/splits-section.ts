import { formatCount, formatDay, formatShare } from "../../page/format-number.ts";
import { html, type Html } from "../../page/html.ts";
import { dataTable, pendingNote, section } from "../../page/page-parts.ts";
import { historyFigure } from "./history-figure.ts";
import type { ProfileData, ProfileRow } from "./profile-data.ts";
import { shareFigure } from "./share-figure.ts";

/** The rows that models are trained and scored on. */
export async function splitsSection(data: ProfileData): Promise<Html> {
  const { splits, history_lengths: lengths, cold_start: cold } = data;
  if (splits === null || lengths === null || cold === null) {
    return section(
      "splits",
      "Splits",
      pendingNote("samples", "Splits, history lengths and cold starts"),
    );
  }
  return section("splits", "Splits", [
    splitTable(splits),
    html`<div class="figures">
      ${lengths.length === 0 ? null : await historyFigure(lengths)}
      ${cold.length === 0 ? null : await coldStartFigure(cold)}
    </div>`,
  ]);
}

function splitTable(splits: readonly ProfileRow<"splits">[]): Html {
  return dataTable(
    splits,
    [
      { head: "Role", cell: ({ role }) => role },
      { head: "Rows", isNumber: true, cell: ({ rows }) => formatCount(rows) },
      { head: "Share", isNumber: true, cell: ({ share }) => formatShare(share) },
      { head: "Users", isNumber: true, cell: ({ users }) => formatCount(users) },
      { head: "Items", isNumber: true, cell: ({ items }) => formatCount(items) },
      { head: "Label 1", isNumber: true, cell: (row) => formatShare(row.label_rate) },
      { head: "From", isNumber: true, cell: (row) => formatDay(row.first_ts.toISOString()) },
      { head: "To", isNumber: true, cell: (row) => formatDay(row.last_ts.toISOString()) },
    ],
    "Interactions by their role under the protocol",
  );
}

/** Which of user and item have training rows, and the colour for it. */
const knownParts = {
  "both known": "var(--base)",
  "cold item": "var(--context)",
  "new user": "var(--r2ec)",
  "both new": "var(--other)",
} as const;

function coldStartFigure(rows: readonly ProfileRow<"cold_start">[]): Promise<Html> {
  return shareFigure({
    title: "Rows to predict, by what training has seen",
    parts: knownParts,
    shares: rows.map((row) => ({ bar: row.split, part: knownPart(row), share: row.share })),
    note: "New: a user without training rows. Cold: an item without training rows.",
  });
}

function knownPart(row: ProfileRow<"cold_start">): keyof typeof knownParts {
  if (row.is_new_user) return row.is_cold_item ? "both new" : "new user";
  return row.is_cold_item ? "cold item" : "both known";
}
