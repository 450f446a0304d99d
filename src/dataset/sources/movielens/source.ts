import { resolve } from "node:path";
import type { Source } from "../source.ts";
import { movielensSettings, type MovielensSettings } from "./settings.ts";

/** A MovieLens folder in any published layout. */
export const movielens = {
  name: "movielens",
  settings: movielensSettings,
  isSimulated: false,
  label: ({ path }) => `MovieLens at ${path}`,
  withAbsolutePaths: (settings) => ({ ...settings, path: resolve(settings.path) }),
  words: () => ({ nouns: { item: "film", user: "viewer", event: "rated" }, scale: 5 }),
  attributes: () => ({ user: ["gender", "age", "occupation"], item: ["genre"] }),
  fingerprint: async ({ path }) => {
    const { fingerprintFiles } = await import("../../../base/files/file-fingerprint.ts");
    const { findMovielens } = await import("./layout.ts");
    const { ratings, items, users } = await findMovielens(path);
    return fingerprintFiles([ratings, items, ...(users === undefined ? [] : [users])]);
  },
  load: async (db, settings) => {
    const { loadMovielens } = await import("./load-movielens.ts");
    return loadMovielens(db, settings);
  },
  describe: async (db, settings) => {
    const { loadMovielens, maxBadShare } = await import("./load-movielens.ts");
    const { describeKept } = await import("../describe-kept.ts");
    const { ledgerOf, rejectReasons } = await import("../files/describe-files.ts");
    await loadMovielens(db, settings, { isLenient: true });
    const report = await describeKept(db, settings);
    const rejects = await rejectReasons(db);
    const bad = rejects.reduce((sum, { rows }) => sum + rows, 0);
    const read = report.kept.rows + bad;
    const isTold = bad > (settings.onBadRow === "skip" ? Math.floor(maxBadShare * read) : 0);
    const stops = isTold ? [`${bad.toLocaleString("en")} invalid ratings (dataset.onBadRow)`] : [];
    return { ...report, counts: await ledgerOf(db), rejects, stops: [...stops, ...report.stops] };
  },
} satisfies Source<MovielensSettings>;
