import { z } from "zod";
import { shortUsers } from "../source-settings.ts";
import { missingMarks } from "./columns/missing-values.ts";
import { timeFormat } from "./columns/time-format.ts";

const columnName = z.string().min(1);

/** Paths of files in settings. */
export const filePaths = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1).readonly()], {
    error: "expected a path, or a list of paths",
  })
  .describe(
    "A file, a folder (also hive-partitioned), a glob, or a list of these; s3:// and https:// if DuckDB's httpfs is installed. Text files may be gzipped (.gz).",
  );

const columns = z
  .strictObject({
    user: columnName.default("user_id").describe("Column of the user id."),
    item: columnName.default("item_id").describe("Column of the item id."),
    time: columnName
      .default("ts")
      .describe("Column of the event's time. Not read with timeUnit order."),
    timeUnit: z
      .enum(["auto", "s", "ms", "us", "ns", "iso", "excel", "order"])
      .default("auto")
      .describe(
        "s, ms, us, ns: unit of numbers since 1970, UTC. iso: a text such as 2020-01-31T12:00:00Z, without an offset in UTC. " +
          "excel: days since 1899-12-30, as spreadsheets count. order: there are no times; the rows are taken in the order of the files, " +
          "from 1970-01-01 on and a second apart. auto: by the column's type or by all of its values, which must be times from 1990 to tomorrow; " +
          "dates such as 20200131 are read as well.",
      ),
    timeFormat: timeFormat.optional(),
    rating: columnName
      .optional()
      .describe("Column of a rating; dataset.positiveAbove turns it into a label."),
    label: columnName
      .optional()
      .describe("Column of a label, 0 or 1, true or false; instead of a rating."),
    event: columnName
      .optional()
      .describe("Column of an event type, such as click or view; instead of a rating."),
    weight: columnName
      .optional()
      .describe(
        "Column of a row's weight in training, a number of at least 0 (default: all rows weigh the same): the loss of a batch is the weighted mean over its rows, " +
          "and a row of weight 0 does not count. A row without a weight is a bad row. Metrics on valid and test, such as AUC and LogLoss, stay unweighted.",
      ),
    positiveEvents: z
      .array(z.string())
      .default([])
      .describe("Event types that count as liked; every other type counts as not liked."),
  })
  .refine(
    ({ rating, label, event }) =>
      [rating, label, event].filter((name) => name !== undefined).length === 1,
    {
      error:
        "name exactly one of rating, label and event: the column that says whether the user liked the item",
    },
  )
  .refine(({ event, positiveEvents }) => (event !== undefined) === positiveEvents.length > 0, {
    error:
      "event and positiveEvents belong together, such as { event: type, positiveEvents: [buy] }",
  })
  .refine(({ timeUnit, timeFormat: format }) => format === undefined || timeUnit === "auto", {
    error: "timeFormat and timeUnit exclude each other; leave out one of them",
  })
  .describe("Which column of the interactions is what.");

/** What to do about items that are not in the item file. */
export const missingItems = z
  .enum(["error", "keep", "drop"])
  .default("error")
  .describe(
    "What to do about an item of the interactions that is not in the file: stop, keep it with its id as title, or drop its interactions.",
  );

const itemFile = z
  .strictObject({
    path: filePaths,
    id: columnName.default("item_id").describe("Column of the item id."),
    title: columnName.default("title").describe("Column of the item's title."),
    year: columnName.optional().describe("Column of the release year."),
    text: z
      .array(columnName)
      .default([])
      .describe(
        "Columns of running text, kept as attributes of the same name: for knowledge.attributes, not for train.attributes.",
      ),
    attributes: z
      .array(columnName)
      .default([])
      .describe("Columns of categories, kept as attributes of the same name; lists stay lists."),
    listSeparator: z
      .string()
      .min(1)
      .optional()
      .describe("Separator of the values of an attribute that is written as one text, such as |."),
    missing: missingItems,
  })
  .describe("Metadata of the items, in any of the three formats.");

const userFile = z
  .strictObject({
    path: filePaths,
    id: columnName.default("user_id").describe("Column of the user id."),
    attributes: z
      .array(columnName)
      .default([])
      .describe("Columns of categories, kept as attributes of the same name; lists stay lists."),
    listSeparator: itemFile.shape.listSeparator,
  })
  .describe("Metadata of the users, in any of the three formats.");

const csv = z
  .strictObject({
    delimiter: z
      .string()
      .min(1)
      .max(4)
      .default("auto")
      .describe(
        "Field separator. auto: a comma, tab, semicolon or bar, whichever gives the named columns.",
      ),
    header: z
      .boolean()
      .default(true)
      .describe(
        "Whether the first line names the columns; otherwise they are column0, column1 and so on.",
      ),
    quote: z
      .string()
      .regex(/^([!-~]|none)$/, "one ASCII character, or none")
      .default('"')
      .describe(
        "Character around fields that may hold delimiters and line breaks. none: quotes are ordinary characters, as in most TSV logs.",
      ),
    escape: z
      .string()
      .regex(/^([!-~]|doubled)$/, "one ASCII character, or doubled")
      .default("doubled")
      .describe(
        "What makes a quote inside a quoted field literal. doubled: another quote; else the character before it, such as a backslash.",
      ),
    encoding: z.enum(["utf-8", "latin-1"]).default("utf-8").describe("Character encoding."),
  })
  .describe("Format of all CSV files: interactions, items and users.");

const core = z
  .strictObject({
    users: z.int().min(1).default(1).describe("Minimum number of interactions per user."),
    items: z.int().min(1).default(1).describe("Minimum number of interactions per item."),
  })
  .describe(
    "Drops users and items with fewer interactions than this, repeatedly, until none is left.",
  );

const sampleUsers = z
  .strictObject({
    share: z.number().gt(0).max(1).default(1).describe("Share of the users to keep, 0 to 1."),
    seed: z
      .int()
      .min(0)
      .default(1)
      .describe("Seed of the sample; whether a user is kept depends only on the seed and the id."),
  })
  .describe("Keeps a share of the users with all of their interactions.");

const ids = z
  .enum(["auto", "integer", "dictionary"])
  .default("auto")
  .describe(
    "integer: ids are kept, and rows with ids outside 1 to 2147483647 are bad. dictionary: ids are any text, numbered from 1 in sorted order; " +
      "the tables user_dictionary and item_dictionary map them. White space around an id is not part of it, and 12.0 is 12. " +
      "auto: integer if every id of the interactions is such an integer.",
  );

/** Settings of every files source besides the files. */
export const cleaningSettings = {
  missingValues: z
    .array(z.string())
    .default([...missingMarks])
    .describe(
      "Texts that stand for a missing value, in every column of the interactions, items and users; white space around them does not count. " +
        "A row without a user, item, time or rating is a bad row.",
    ),
  onBadRow: z
    .enum(["stop", "skip"])
    .default("stop")
    .describe(
      "What to do about invalid interactions, items and users: stop, or skip them; the table rejects lists them all.",
    ),
  maxBadRows: z
    .int()
    .min(0)
    .optional()
    .describe("With onBadRow skip: stop if there are more bad rows than this. Default: no limit."),
  maxBadShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe(
      "With onBadRow skip: stop if more than this share of the rows is bad, which suggests wrong column names.",
    ),
  until: z.iso
    .date()
    .optional()
    .describe(
      "Events from this day on count as in the future and are bad rows. Default: the day after tomorrow.",
    ),
  duplicates: z
    .enum(["error", "first", "last", "max"])
    .default("error")
    .describe(
      "What to do about rows with the same user, item and time: stop, or keep the first, the last or the best rated.",
    ),
  kCore: core.optional(),
  sampleUsers: sampleUsers.optional(),
  shortUsers,
};

/** `dataset.positiveAbove`, whose default depends on the columns. */
const positiveAbove = z
  .number()
  .optional()
  .describe(
    "A rating above this is label 1 (liked), any other is label 0. Default: 3; with a label or event column 0.5, between the two.",
  );

const common = {
  interactions: filePaths,
  columns,
  items: itemFile.optional(),
  users: userFile.optional(),
  ids,
  csv: csv.prefault({}),
  positiveAbove,
  ...cleaningSettings,
};

function withThreshold<
  T extends {
    readonly columns: { readonly rating?: string | undefined };
    readonly positiveAbove?: number | undefined;
  },
>(settings: T, context: z.RefinementCtx): Omit<T, "positiveAbove"> & { positiveAbove: number } {
  const isRating = settings.columns.rating !== undefined;
  const above = settings.positiveAbove ?? (isRating ? 3 : 0.5);
  if (!isRating && (above < 0 || above >= 1)) {
    context.addIssue({
      code: "custom",
      path: ["positiveAbove"],
      message: "labels are 0 or 1: leave it out, or set it to at least 0 and below 1",
    });
  }
  return { ...settings, positiveAbove: above };
}

const sourceOf = {
  parquet: z.literal("parquet").describe("Parquet files of interactions."),
  csv: z.literal("csv").describe("CSV files of interactions."),
  json: z
    .literal("json")
    .describe("JSON files of interactions: one object per line, or one list of objects."),
};

/** `dataset:` of a pipeline file whose interactions are in the user's own files. */
export const filesSettings = [
  z
    .strictObject({ source: sourceOf.parquet, ...common })
    .describe("Interactions in Parquet files.")
    .transform(withThreshold),
  z
    .strictObject({ source: sourceOf.csv, ...common })
    .describe("Interactions in CSV files.")
    .transform(withThreshold),
  z
    .strictObject({ source: sourceOf.json, ...common })
    .describe("Interactions in JSON files.")
    .transform(withThreshold),
] as const;

/** Settings of a files source, defaults filled in. */
export type FilesSettings = z.output<(typeof filesSettings)[number]>;
export type FileColumns = FilesSettings["columns"];
export type ItemFile = z.output<typeof itemFile>;
export type UserFile = z.output<typeof userFile>;
export type CsvSettings = z.output<typeof csv>;
