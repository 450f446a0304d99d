import { FlowError } from "../../../base/errors.ts";
import type { Database, Row } from "../../../tables/database.ts";
import { quote } from "../../../tables/quote.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import type { OpenedFiles } from "./open-files.ts";
import type { FilesSettings } from "./settings.ts";

/** Number of rows of a file that are bad for one reason. */
export interface ReasonCount {
  readonly fileIndex: number;
  /** Null for the valid rows. */
  readonly reason: string | null;
  readonly rows: number;
}

export type BadRowPolicy = Pick<FilesSettings, "onBadRow" | "maxBadRows" | "maxBadShare">;

/** Views whose rows are valid where `reason` is null. */
export type JudgedView = "source_checked" | "items_checked" | "users_checked";

const shownRows = 3;
const shownReasons = 10;
const quoteCure =
  "If quotes are ordinary characters in these files, set dataset.csv.quote to none; if they are escaped, set dataset.csv.escape.";

/** Counts the rows of a view such as `source_checked` by file and reason. */
export async function countReasons(
  db: Database,
  view: JudgedView,
): Promise<readonly ReasonCount[]> {
  await judgeRowsOf(db, view);
  const rows = await db.rows(sqlFile("source/reason_counts"));
  return rows.map((row) => ({
    fileIndex: Number(row["file_index"]),
    reason: typeof row["reason"] === "string" ? row["reason"] : null,
    rows: Number(row["rows"]),
  }));
}

/** Bad rows per reason over all files, most frequent first. */
export function byReason(
  counts: readonly Pick<ReasonCount, "reason" | "rows">[],
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { reason, rows } of counts) {
    if (reason !== null) sums.set(reason, (sums.get(reason) ?? 0) + rows);
  }
  return new Map([...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}

async function judgeRowsOf(db: Database, view: JudgedView): Promise<void> {
  await db.run(
    `create or replace view judged_rows as select file_index, line, reason, content from ${view}`,
  );
}

/**
 * Checks the bad rows of a view against the policy.
 *
 * @throws `INPUT_INVALID` with the count of each reason and the first rows, when there are more than the policy allows
 */
export async function refuseBadRows(
  db: Database,
  view: JudgedView,
  counts: readonly Pick<ReasonCount, "reason" | "rows">[],
  opened: Pick<OpenedFiles, "files">,
  policy: BadRowPolicy,
): Promise<void> {
  const reasons = byReason(counts);
  const rowsRead = counts.reduce((sum, { rows }) => sum + rows, 0);
  const bad = [...reasons.values()].reduce((sum, rows) => sum + rows, 0);
  if (bad === 0) return;
  const most = Math.min(policy.maxBadRows ?? bad, Math.floor(policy.maxBadShare * rowsRead));
  if (policy.onBadRow === "skip" && bad <= most) return;
  await judgeRowsOf(db, view);
  const first = await db.rows(
    `select * from (\n${sqlFile("source/bad_rows")}\n) order by file_index, line limit ${shownRows}`,
  );
  const counted = [...reasons]
    .slice(0, shownReasons)
    .map(([reason, rows]) => `  ${rows.toLocaleString("en")} x ${reason}`);
  const others =
    reasons.size > shownReasons ? [`  and ${reasons.size - shownReasons} more reasons`] : [];
  const cure =
    policy.onBadRow === "stop"
      ? "Fix or remove them, or skip them with --set dataset.onBadRow=skip; the table rejects then lists them all."
      : `dataset.maxBadShare and dataset.maxBadRows allow at most ${most.toLocaleString("en")}; ` +
        (view === "source_checked" && 2 * bad > rowsRead
          ? "check dataset.columns first."
          : "mend the rows, or raise the limit that is too low.");
  throw new FlowError(
    "INPUT_INVALID",
    [
      `${bad.toLocaleString("en")} of ${rowsRead.toLocaleString("en")} rows are bad:`,
      ...counted,
      ...others,
      "The first:",
      ...first.map((row) => `  ${describeBadRow(row, opened)}`),
      ...([...reasons.keys()].some((reason) => /\bquote\b/.test(reason)) ? [quoteCure] : []),
      cure,
      ...hintsFor([...reasons.keys()]),
    ].join("\n"),
  );
}

/** Settings that take rows which are bad for these reasons. */
function hintsFor(reasons: readonly string[]): readonly string[] {
  const hints: readonly (readonly [RegExp, string])[] = [
    [/ id is not an integer/, "Ids of any form are kept with --set dataset.ids=dictionary."],
    [
      /^the time is not a date and time/,
      "Times of another form are read with dataset.columns.timeFormat.",
    ],
    [
      /^the time lies before 1990$/,
      "Numbers that are times before 1990 are read with dataset.columns.timeUnit.",
    ],
  ];
  return hints
    .filter(([pattern]) => reasons.some((reason) => pattern.test(reason)))
    .map(([, hint]) => hint);
}

/** Adds the bad rows of a view to the table `source_rejects`. */
export async function keepBadRows(
  db: Database,
  view: JudgedView,
  source: "interactions" | "items" | "users",
  opened: Pick<OpenedFiles, "files">,
): Promise<void> {
  await judgeRowsOf(db, view);
  await addRejects(db, sqlFile("source/bad_rows"), source, opened);
}

/** Adds rows of `file_index, line, reason, content` to the table `source_rejects`. */
export async function addRejects(
  db: Database,
  sql: string,
  source: "interactions" | "items" | "users",
  { files }: Pick<OpenedFiles, "files">,
): Promise<void> {
  const paths = files.map(({ path }) => quote(path)).join(", ");
  await db.run(
    `insert into source_rejects select '${source}', [${paths}][file_index + 1], line, reason, content from (\n${sql}\n)`,
  );
}

function describeBadRow(
  { file_index, line, reason, content }: Row,
  { files }: Pick<OpenedFiles, "files">,
): string {
  const path = files[Number(file_index)]?.path ?? "";
  return `${path}: line ${String(line)}: ${String(reason)}: ${String(content)}`;
}
