import type { Source } from "../source.ts";
import { absolutePaths } from "./absolute-paths.ts";
import { eventWords } from "./event-words.ts";
import type { FileFormat } from "./find-files.ts";
import { filesSettings, type FilesSettings } from "./settings.ts";

const [parquet, csv, json] = filesSettings;

/** Files of the user's own, one source per format of the interactions. */
export const files = [
  filesSource("parquet", parquet),
  filesSource("csv", csv),
  filesSource("json", json),
] as const;

function filesSource<Schema extends Source<FilesSettings>["settings"]>(
  name: FileFormat,
  settings: Schema,
) {
  return {
    name,
    settings,
    isSimulated: false,
    label: ({ source, interactions }) => `${source} files at ${[interactions].flat().join(", ")}`,
    withAbsolutePaths: (given) => {
      const { interactions, items, users } = given;
      return {
        ...given,
        interactions: absolutePaths(interactions),
        ...(items && { items: { ...items, path: absolutePaths(items.path) } }),
        ...(users && { users: { ...users, path: absolutePaths(users.path) } }),
      };
    },
    words: ({ columns }) => eventWords(columns),
    attributes: ({ items, users }) => ({
      user: users?.attributes ?? [],
      item: items === undefined ? [] : [...items.text, ...items.attributes],
    }),
    fingerprint: async (given) => {
      const { filesOf, fingerprintSource } = await import("./fingerprint-files.ts");
      return fingerprintSource(await filesOf(given));
    },
    files: (given) => Promise.resolve({ settings: given, forms: {}, run: (work) => work() }),
    load: async (db, given, site) => {
      const { loadFiles } = await import("./load-files.ts");
      return loadFiles(db, given, site);
    },
    describe: async (db, given, site) => {
      const { describeFiles } = await import("./describe-files.ts");
      return { source: given.source, ...(await describeFiles(db, given, site)) };
    },
  } satisfies Source<FilesSettings>;
}
