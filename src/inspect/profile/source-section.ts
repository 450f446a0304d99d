import { formatCount, formatShare } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";
import { dataTable, section } from "../../page/page-parts.ts";
import type { ProfileData, ProfileRow } from "./profile-data.ts";

/** What was left out of the source and why; null where nothing was, or where nobody counted. */
export function sourceSection({ ingest_steps: steps, rejects }: ProfileData): Html | null {
  const left = (steps ?? []).filter(({ step }) => step !== "read" && step !== "kept");
  const isWhole = left.every(({ rows }) => rows === 0) && (rejects ?? []).length === 0;
  if (isWhole) return null;
  return section("source", "Left out", [stepTable(steps ?? []), rejectTable(rejects ?? [])]);
}

function stepTable(steps: readonly ProfileRow<"ingest_steps">[]): Html {
  return dataTable(
    steps,
    [
      { head: "Step", cell: ({ step }) => step },
      { head: "Why", cell: ({ reason }) => reason },
      { head: "Rows", isNumber: true, cell: ({ rows }) => formatCount(rows) },
      {
        head: "Of those read",
        isNumber: true,
        cell: ({ share }) => (share === null ? null : formatShare(share)),
      },
    ],
    "What became of the interactions’ rows",
  );
}

function rejectTable(rejects: readonly ProfileRow<"rejects">[]): Html | null {
  if (rejects.length === 0) return null;
  return dataTable(
    rejects,
    [
      { head: "Of", cell: ({ source }) => source },
      { head: "Why", cell: ({ reason }) => reason },
      { head: "Rows", isNumber: true, cell: ({ rows }) => formatCount(rows) },
      { head: "First", cell: placeOf },
    ],
    "Rows that are no valid interaction, item or user, with the file and line of the first",
  );
}

function placeOf({ first_file: file, first_line: line }: ProfileRow<"rejects">): string | null {
  return line === null ? file : `${file ?? ""}, ${formatCount(line)}`;
}
