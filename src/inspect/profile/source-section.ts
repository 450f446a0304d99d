import { formatCount, formatShare } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";
import { dataTable, section } from "../../page/page-parts.ts";
import type { ProfileData, ProfileRow } from "./profile-data.ts";

/** Source rows left out, and why; null if there are none or they were not counted. */
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
      { head: "Reason", cell: ({ reason }) => reason },
      { head: "Rows", isNumber: true, cell: ({ rows }) => formatCount(rows) },
      {
        head: "Share of rows read",
        isNumber: true,
        cell: ({ share }) => (share === null ? null : formatShare(share)),
      },
    ],
    "Source rows of interactions, step by step",
  );
}

function rejectTable(rejects: readonly ProfileRow<"rejects">[]): Html | null {
  if (rejects.length === 0) return null;
  return dataTable(
    rejects,
    [
      { head: "Source", cell: ({ source }) => source },
      { head: "Reason", cell: ({ reason }) => reason },
      { head: "Rows", isNumber: true, cell: ({ rows }) => formatCount(rows) },
      { head: "First", cell: placeOf },
    ],
    "Rows that are not valid interactions, items or users, with the file and line of the first",
  );
}

function placeOf({ first_file: file, first_line: line }: ProfileRow<"rejects">): string | null {
  return line === null ? file : `${file ?? ""}, ${formatCount(line)}`;
}
