import { absolutePaths } from "../files/absolute-paths.ts";
import type { Source } from "../source.ts";
import { categoryNouns } from "./category-nouns.ts";
import { amazonSettings, type AmazonSettings } from "./settings.ts";

/** Amazon reviews of one category, as published in 2014, 2018 or 2023. */
export const amazon = {
  name: "amazon",
  settings: amazonSettings,
  isSimulated: false,
  label: ({ reviews }) => `Amazon reviews at ${[reviews].flat().join(", ")}`,
  withAbsolutePaths: (settings) => {
    const { reviews, metadata } = settings;
    return {
      ...settings,
      reviews: absolutePaths(reviews),
      ...(metadata !== undefined && { metadata: absolutePaths(metadata) }),
    };
  },
  words: ({ reviews }) => ({ nouns: { ...categoryNouns(reviews), event: "rated" }, scale: 5 }),
  attributes: ({ metadata }) => ({
    user: [],
    item: metadata === undefined ? [] : ["brand", "category"],
  }),
  fingerprint: async (settings) => {
    const { amazonFiles } = await import("./amazon-files.ts");
    const { filesOf, fingerprintSource } = await import("../files/fingerprint-files.ts");
    return fingerprintSource(await filesOf((await amazonFiles(settings)).files));
  },
  files: async (settings) => {
    const { amazonFiles } = await import("./amazon-files.ts");
    const { onOwnSettings } = await import("./own-settings.ts");
    const { files, forms } = await amazonFiles(settings);
    return { settings: files, forms, run: onOwnSettings };
  },
  load: async (db, settings, site) => {
    const { loadAmazon } = await import("./load-amazon.ts");
    return loadAmazon(db, settings, site);
  },
  describe: async (db, settings, site) => {
    const { describeAmazon } = await import("./load-amazon.ts");
    return { source: settings.source, ...(await describeAmazon(db, settings, site)) };
  },
} satisfies Source<AmazonSettings>;
