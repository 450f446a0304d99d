import { loadFiles } from "../files/load-files.ts";
import type { LoadSource } from "../source.ts";
import { amazonFiles } from "./amazon-files.ts";
import { cleanBrand, cleanText } from "./clean-text.ts";
import type { AmazonSettings } from "./settings.ts";

/**
 * Loads Amazon reviews with titles as text, the attribute `brand` (of a book its author) and the attribute `category`: the first
 * category below that of the whole file.
 */
export function loadAmazon(settings: AmazonSettings): LoadSource {
  return async (db, site) => {
    const files = await amazonFiles(settings);
    const load = loadFiles(files, { cleaned: cleanText, attributes: amazonAttributes });
    return load(db, site);
  };
}

/** The brand, then the categories, of which the second is taken. */
const amazonAttributes = [
  { name: "brand", cleaned: cleanBrand },
  { name: "category", cleaned: cleanText, place: 2 },
] as const;
