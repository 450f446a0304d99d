import { FlowError } from "../../../base/errors.ts";
import type { SourceFile } from "../files/find-files.ts";
import { decodeLine } from "../files/text/decode-line.ts";
import { readObject } from "../files/text/python-object.ts";
import { readLines } from "../files/text/read-lines.ts";
import type { FileColumns } from "../files/settings.ts";

/** How an edition of the Amazon reviews names what is read from it. */
export interface Edition {
  /** When it was published. */
  readonly years: string;
  readonly columns: Pick<FileColumns, "user" | "item" | "time" | "timeUnit"> & {
    readonly rating: string;
  };
  /** Column of an item's id in the metadata. */
  readonly id: string;
}

const editions: readonly Edition[] = [
  {
    years: "2014, 2018",
    columns: {
      ...{ user: "reviewerID", item: "asin", rating: "overall" },
      ...{ time: "unixReviewTime", timeUnit: "s" },
    },
    id: "asin",
  },
  {
    years: "2023",
    columns: {
      ...{ user: "user_id", item: "parent_asin", rating: "rating" },
      ...{ time: "timestamp", timeUnit: "ms" },
    },
    id: "parent_asin",
  },
];

/** Lines to look for keys in: not every object has every key. */
const firstLines = 1000;

/**
 * The edition of reviews, by the columns of a file.
 *
 * @throws `INPUT_INVALID` for a file of no known edition
 */
export async function editionOf(file: SourceFile): Promise<Edition> {
  const names = file.format === "parquet" ? new Set<string>() : await namesIn(file);
  const edition = editions.find(({ columns: { user, item, rating, time } }) =>
    [user, item, rating, time].every((name) => names.has(name)),
  );
  if (edition !== undefined) return edition;
  const known = editions.map(
    ({ years, columns: { user, item, rating, time } }) =>
      `${[user, item, rating, time].join(", ")} (${years})`,
  );
  throw new FlowError(
    "INPUT_INVALID",
    `dataset.reviews: ${file.path} does not hold Amazon reviews: it has neither ${known.join(" nor ")}. ` +
      "Other files can be read with dataset.source json or csv.",
  );
}

/** The columns of the metadata that become the attributes brand and category; a brand may be missing. */
export interface MetadataColumns {
  readonly brand?: string;
  readonly category: string;
}

/**
 * Finds the attributes in a file of metadata. The editions name them differently: a brand is `brand` (2014, 2018) or `store` (2023),
 * categories are `categories` (2014, 2023) or `category` (2018).
 *
 * @throws `INPUT_INVALID` for a file without categories
 */
export async function metadataColumns(file: SourceFile): Promise<MetadataColumns> {
  const names = await namesIn(file);
  const category = ["category", "categories"].find((name) => names.has(name));
  const brand = ["brand", "store"].find((name) => names.has(name));
  if (category === undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      `dataset.metadata: ${file.path} does not hold Amazon's items: it has neither category nor categories, only ${[...names].join(", ")}. ` +
        "Leave dataset.metadata out, or read the files with dataset.source json or csv.",
    );
  }
  return { category, ...(brand !== undefined && { brand }) };
}

/** The columns of a CSV file, or the keys of the first objects of a JSON file. */
async function namesIn({ path, format }: SourceFile): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  let read = 0;
  for await (const lines of readLines(path)) {
    for (const line of lines.slice(0, firstLines - read)) {
      const { text } = decodeLine(line, "utf-8");
      if (format === "csv") {
        return new Set(text.split(",").map((cell) => cell.replace(/^"(.*)"$/, "$1")));
      }
      for (const name of Object.keys(readObject(text) ?? {})) names.add(name);
    }
    read += lines.length;
    if (read >= firstLines) break;
  }
  return names;
}
