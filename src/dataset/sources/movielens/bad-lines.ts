import { FlowError } from "../../../base/errors.ts";
import type { Database, SqlParams } from "../../../tables/database.ts";
import { quote } from "../../../tables/quote.ts";
import type { MovielensSettings } from "./settings.ts";

/** Most invalid lines of a file that `onBadRow: skip` leaves out, as a share of its lines. */
const maxBadShare = 0.01;

const shownFaults = 3;

/** What becomes of invalid lines; lenient: they are left out however many there are. */
export type BadLinePolicy = MovielensSettings["onBadRow"] | "lenient";

/** Most invalid lines that may be left out of a file of so many. */
export function mostBad(policy: BadLinePolicy, lines: number): number {
  if (policy === "lenient") return lines;
  return policy === "skip" ? Math.floor(maxBadShare * lines) : 0;
}

/** A file with invalid lines. */
export interface FaultyFile {
  readonly path: string;
  readonly holds: "interactions" | "items" | "users";
  /** A query of its invalid lines: `line, content, reason`. */
  readonly faults: string;
  readonly params?: SqlParams;
  /** Number of them, at least 1. */
  readonly bad: number;
  /** Lines of the file that are not blank, without the header. */
  readonly lines: number;
}

/**
 * Adds the invalid lines of a file to the table `source_rejects`.
 *
 * @throws `INPUT_INVALID` showing the first of them, when there are more than may be left out
 */
export async function leaveOut(
  db: Database,
  { path, holds, faults, params = {}, bad, lines }: FaultyFile,
  policy: BadLinePolicy,
): Promise<void> {
  if (bad > mostBad(policy, lines)) {
    const first = await db.rows(
      `select line, reason, ${shown} as content from (\n${faults}\n) order by line limit ${shownFaults}`,
      params,
    );
    throw new FlowError(
      "INPUT_INVALID",
      [
        `${path}: ${bad.toLocaleString("en")} faulty line(s):`,
        ...first.map(
          ({ line, reason, content }) =>
            `  line ${String(line)}: ${String(reason)}: ${String(content)}`,
        ),
        bad > mostBad("skip", lines)
          ? "Fix or remove them and run again; --set dataset.onBadRow=skip leaves out at most 1 % of a file's lines."
          : "Fix or remove them, or skip them with --set dataset.onBadRow=skip; the table rejects then lists them all.",
      ].join("\n"),
    );
  }
  await db.run(
    `insert into source_rejects select ${quote(holds)}, ${quote(path)}, line, reason, ${shown} from (\n${faults}\n)`,
    params,
  );
}

const shown = "regexp_replace(left(content, 200), '[[:cntrl:]]', '\uFFFD', 'g')";
