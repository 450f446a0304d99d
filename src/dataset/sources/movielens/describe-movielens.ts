import type { Database } from "../../../tables/database.ts";
import { describeKept } from "../describe-kept.ts";
import { ledgerOf, rejectReasons } from "../files/describe-files.ts";
import type { SourceReport } from "../source-report.ts";
import type { SourceSite } from "../source.ts";
import { mostBad } from "./bad-lines.ts";
import { loadMovielens } from "./load-movielens.ts";
import type { MovielensSettings } from "./settings.ts";

/** Describes a MovieLens folder: counts invalid lines instead of stopping at them. */
export async function describeMovielens(
  db: Database,
  settings: MovielensSettings,
  site: SourceSite,
): Promise<SourceReport> {
  const loaded = await loadMovielens(db, settings, site, { isLenient: true });
  const report = await describeKept(db, settings);
  const [ratings, ...others] = loaded.counts;
  const { onBadRow } = settings;
  const told = (isTold: boolean, rows: number, what: string): readonly string[] =>
    isTold ? [`${rows.toLocaleString("en")} ${what} (dataset.onBadRow)`] : [];
  const { bad = 0, lines = 0 } = ratings ?? {};
  const most = mostBad(onBadRow, lines);
  const stops = [
    ...told(bad > most, bad, "invalid ratings"),
    ...others.flatMap((file) =>
      told(file.bad > mostBad(onBadRow, file.lines), file.bad, `invalid lines of ${file.path}`),
    ),
    ...told(
      loaded.withoutItem > 0 && bad + loaded.withoutItem > most,
      loaded.withoutItem,
      "ratings of items without metadata",
    ),
  ];
  return {
    ...report,
    counts: await ledgerOf(db),
    rejects: await rejectReasons(db),
    stops: [...stops, ...report.stops],
  };
}
