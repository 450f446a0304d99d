import { FlowError } from "../../../base/errors.ts";
import { findFiles, type SourceFile } from "../files/find-files.ts";
import { readLines } from "../files/text/read-lines.ts";
import type { FileColumns, FilesSettings } from "../files/settings.ts";
import type { AmazonSettings } from "./settings.ts";

/** Column names of an edition. */
interface Edition {
  readonly columns: Pick<FileColumns, "user" | "item" | "time" | "timeUnit"> & {
    readonly rating: string;
  };
  readonly metadata: {
    readonly id: string;
    readonly brand: string;
    readonly categories: string;
  };
}

const editions: readonly Edition[] = [
  {
    columns: {
      ...{ user: "reviewerID", item: "asin", rating: "overall" },
      ...{ time: "unixReviewTime", timeUnit: "s" },
    },
    metadata: { id: "asin", brand: "brand", categories: "category" },
  },
  {
    columns: {
      ...{ user: "user_id", item: "parent_asin", rating: "rating" },
      ...{ time: "timestamp", timeUnit: "ms" },
    },
    metadata: { id: "parent_asin", brand: "store", categories: "categories" },
  },
];

/**
 * Settings of a files source that reads Amazon reviews. The edition is detected by the first line: 2018 comes as JSON lines, 2023 as
 * JSON lines or CSV.
 *
 * @throws `INPUT_INVALID` for files of no known edition
 */
export async function amazonFiles(settings: AmazonSettings): Promise<FilesSettings> {
  const { reviews, metadata, missing, ...rest } = settings;
  const [file] = await findFiles(reviews, { setting: "dataset.reviews" });
  if (file === undefined) throw new Error("internal: no file found");
  if (file.format === "parquet") throw unknownEdition(file);
  const line = await firstLine(file);
  const edition = editions.find(({ columns: { user, item, rating, time } }) =>
    [user, item, rating, time].every((name) => hasName(line, name, file)),
  );
  if (edition === undefined) throw unknownEdition(file);
  const { id, brand, categories } = edition.metadata;
  return {
    ...rest,
    source: file.format,
    interactions: reviews,
    columns: { ...edition.columns, positiveEvents: [] },
    ids: "dictionary",
    csv: { delimiter: ",", header: true, encoding: "utf-8" },
    ...(metadata !== undefined && {
      items: {
        ...{ path: metadata, id, title: "title", missing, text: [] },
        attributes: [brand, categories],
      },
    }),
  };
}

/** Whether the first line has the key (JSON) or column (CSV). */
function hasName(line: string, name: string, { format }: SourceFile): boolean {
  return format === "json"
    ? new RegExp(`"${name}"\\s*:`).test(line)
    : line.split(",").some((cell) => cell.replace(/^"(.*)"$/, "$1") === name);
}

async function firstLine({ path }: SourceFile): Promise<string> {
  for await (const [line] of readLines(path)) {
    if (line !== undefined) return line.bytes.toString("utf8");
  }
  return "";
}

function unknownEdition({ path }: SourceFile): FlowError {
  const known = editions.map(({ columns: { user, item, rating, time } }) =>
    [user, item, rating, time].join(", "),
  );
  return new FlowError(
    "INPUT_INVALID",
    `dataset.reviews: ${path} does not hold Amazon reviews: its first line has neither ${known.join(" (2018) nor ")} (2023). ` +
      "Other files can be read with dataset.source json or csv.",
  );
}
