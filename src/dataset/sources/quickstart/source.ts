import type { Source } from "../source.ts";
import { quickstartSettings, type QuickstartSettings } from "./settings.ts";

/** The film catalogue that ships with r4ec, rated by simulated viewers. */
export const quickstart = {
  name: "quickstart",
  settings: quickstartSettings,
  isSimulated: true,
  simulation:
    "built so that first ratings reveal taste: each viewer's first ten films are the best match of their taste out of twelve each, every later " +
    "film out of two, and the match of taste to a film's tone and genre, which texts can name, decides much of the stars",
  label: () => "film catalogue with simulated viewers",
  withAbsolutePaths: (settings) => settings,
  words: () => ({ nouns: { item: "film", user: "viewer", event: "rated" }, scale: 5 }),
  attributes: () => ({ user: [], item: ["genre", "director", "source", "style", "audience"] }),
  fingerprint: async () => {
    const { fingerprintFile } = await import("../../../base/files/file-fingerprint.ts");
    const { filmCatalogue } = await import("./quickstart-films.ts");
    return fingerprintFile(filmCatalogue);
  },
  load: async (db, settings) => {
    const { loadSimulated } = await import("./load-simulated.ts");
    return loadSimulated(db, settings);
  },
  describe: async (db, settings) => {
    const { loadSimulated } = await import("./load-simulated.ts");
    const { describeKept } = await import("../describe-kept.ts");
    await loadSimulated(db, settings);
    return describeKept(db, settings);
  },
} satisfies Source<QuickstartSettings>;
