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
  load: async (db, settings, site) => {
    const { loadMovielens } = await import("./load-movielens.ts");
    return loadMovielens(db, settings, site);
  },
  describe: async (db, settings, site) => {
    const { describeMovielens } = await import("./describe-movielens.ts");
    return describeMovielens(db, settings, site);
  },
} satisfies Source<MovielensSettings>;
