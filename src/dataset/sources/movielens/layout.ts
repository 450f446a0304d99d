import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../../../base/errors.ts";
import { refuseForeignContent } from "../files/checks/refuse-foreign-content.ts";

/** One of the layouts MovieLens is published in: its files, the statements that read them, and the range of ratings. */
interface Layout {
  readonly name: string;
  readonly ratings: readonly string[];
  readonly items: readonly string[];
  /** Absent where users have no attributes. */
  readonly users?: { readonly file: string; readonly sql: string };
  readonly ratingsSql: string;
  readonly itemsSql: string;
  /** Where the first line names the columns: those that are read, from the views `ratings_csv` and `items_csv`. */
  readonly columns?: { readonly ratings: readonly string[]; readonly items: readonly string[] };
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
    users: { file: "users.dat", sql: "ingest/users_ml_1m" },
    ratingsSql: "ingest/ratings_ml_1m",
    itemsSql: "ingest/items_ml_1m",
    firstLine: 1,
    ratingRange: [0.5, 5],
  },
  {
    name: "ML-100K layout",
    ratings: ["u.data", "u.data.gz"],
    items: ["u.item"],
    users: { file: "u.user", sql: "ingest/users_ml_100k" },
    ratingsSql: "ingest/ratings_ml_100k",
    itemsSql: "ingest/items_ml_100k",
    firstLine: 1,
    ratingRange: [1, 5],
  },
  {
    name: "MovieLens CSV layout",
    ratings: ["ratings.csv", "ratings.csv.gz"],
    items: ["movies.csv", "movies.csv.gz"],
    ratingsSql: "ingest/ratings_ml_csv",
    itemsSql: "ingest/items_ml_csv",
    columns: {
      ratings: ["userId", "movieId", "rating", "timestamp"],
      items: ["movieId", "title", "genres"],
    },
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
    const files = [ratings, items].map((name) => join(folder, name));
    await Promise.all(files.map(requireContent));
    const users = layout.users && has([layout.users.file]);
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
