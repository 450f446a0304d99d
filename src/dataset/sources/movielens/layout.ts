import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../../../base/errors.ts";
import { refuseForeignContent } from "../files/checks/refuse-foreign-content.ts";
import type { FileForm } from "./read-records.ts";
import { wholeLines } from "./text-layout.ts";

/** One of the layouts MovieLens is published in: its files, the statements that read them, and the range of ratings. */
interface Layout {
  readonly name: string;
  readonly ratings: readonly string[];
  readonly items: readonly string[];
  /** How ratings are written: user, item, rating, time. */
  readonly ratingsForm: FileForm;
  /** How items are written, and the statement that splits their records. */
  readonly itemsForm: FileForm;
  readonly itemsSql: string;
  /** Absent where users have no attributes. */
  readonly users?: { readonly file: string; readonly form: FileForm; readonly sql: string };
  /** Line number of the first rating. */
  readonly firstLine: number;
  /** Stars. */
  readonly ratingRange: readonly [number, number];
}

const layouts: readonly Layout[] = [
  {
    name: "ML-1M layout",
    ratings: ["ratings.dat", "ratings.dat.gz"],
    items: ["movies.dat"],
    users: {
      file: "users.dat",
      form: { delimiter: "::", width: 5 },
      sql: "ingest/users_ml_1m",
    },
    ratingsForm: { delimiter: "::", width: 4 },
    itemsForm: wholeLines,
    itemsSql: "ingest/items_ml_1m",
    firstLine: 1,
    ratingRange: [0.5, 5],
  },
  {
    name: "ML-100K layout",
    ratings: ["u.data", "u.data.gz"],
    items: ["u.item"],
    users: {
      file: "u.user",
      form: { delimiter: "|", width: 5 },
      sql: "ingest/users_ml_100k",
    },
    ratingsForm: { delimiter: "\t", width: 4 },
    itemsForm: wholeLines,
    itemsSql: "ingest/items_ml_100k",
    firstLine: 1,
    ratingRange: [1, 5],
  },
  {
    name: "MovieLens CSV layout",
    ratings: ["ratings.csv", "ratings.csv.gz"],
    items: ["movies.csv", "movies.csv.gz"],
    ratingsForm: { columns: ["userId", "movieId", "rating", "timestamp"] },
    itemsForm: { columns: ["movieId", "title", "genres"] },
    itemsSql: "ingest/items_ml_csv",
    firstLine: 2,
    ratingRange: [0.5, 5],
  },
];

/** The files of a MovieLens folder and how to read them. Paths start with the folder as given. */
export interface MovielensFiles {
  readonly layout: Layout;
  readonly ratings: string;
  readonly items: string;
  readonly users?: string;
}

/**
 * Detects the layout of a MovieLens folder by its files.
 *
 * @throws `INPUT_INVALID` naming what is expected when the folder or a file is missing or empty
 */
export async function findMovielens(folder: string): Promise<MovielensFiles> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new FlowError(
      "INPUT_INVALID",
      `dataset.path: cannot read the folder ${folder}; set it to an unpacked MovieLens folder`,
      { cause: error },
    );
  });
  const has = (candidates: readonly string[]): string | undefined =>
    candidates.find((name) => names.includes(name));
  for (const layout of layouts) {
    const ratings = has(layout.ratings);
    if (ratings === undefined) continue;
    const items = has(layout.items);
    if (items === undefined) {
      throw new FlowError(
        "INPUT_INVALID",
        `${folder} has ${ratings} (${layout.name}) but no ${layout.items.join(" or ")}; both are needed`,
      );
    }
    const users = layout.users && has([layout.users.file]);
    const files = [ratings, items, ...(users === undefined ? [] : [users])];
    await Promise.all(files.map((name) => requireContent(join(folder, name))));
    return {
      layout,
      ratings: join(folder, ratings),
      items: join(folder, items),
      ...(users !== undefined && { users: join(folder, users) }),
    };
  }
  throw new FlowError(
    "INPUT_INVALID",
    `${folder} is not a MovieLens folder: expected ${layouts.map((layout) => `${layout.ratings[0] ?? ""} and ${layout.items[0] ?? ""}`).join(", or ")}. ` +
      "Get one from grouplens.org/datasets/movielens and set dataset.path to it.",
  );
}

async function requireContent(path: string): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  if (size === 0) {
    throw new FlowError("INPUT_INVALID", `${path} is empty; unpack or download the data again`);
  }
  await refuseForeignContent({ path, format: "csv", bytes: size, changedMs: mtimeMs });
}
