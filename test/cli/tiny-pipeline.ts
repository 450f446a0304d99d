import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const items = 60;
/** Coprime to the number of items, so that nobody rates one twice; a new one every 60 users keeps histories apart. */
const strides = [11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 49, 53, 59, 7, 1];

/**
 * Writes a pipeline file of seconds over a made-up folder in the layout of ML-1M: 40 users rate 30 of 60 items each, and
 * knowledge and encoding are cut into ten parts each.
 *
 * @returns The pipeline file
 */
export async function writeTinyPipeline(
  folder: string,
  { users = 40, ratingsPerUser = 30 } = {},
): Promise<string> {
  const source = join(folder, "ml");
  await mkdir(source, { recursive: true });
  const genres = ["Drama", "Comedy", "Action", "Horror"];
  const lines = (count: number, line: (n: number) => string): string =>
    Array.from({ length: count }, (_, n) => `${line(n + 1)}\n`).join("");
  await writeFile(
    join(source, "movies.dat"),
    lines(items, (item) => `${item}::Film ${item} (${1960 + item})::${genres[item % 4] ?? ""}`),
  );
  await writeFile(
    join(source, "users.dat"),
    lines(users, (user) => `${user}::${user % 2 === 0 ? "M" : "F"}::25::${user % 20}::55455`),
  );
  await writeFile(
    join(source, "ratings.dat"),
    lines(users * ratingsPerUser, (row) => {
      const user = 1 + ((row - 1) % users);
      const step = Math.floor((row - 1) / users);
      const block = Math.floor(user / items);
      const stride = strides[block % strides.length] ?? 1;
      const item = 1 + ((user * 7 + step * stride) % items);
      const stars = 1 + ((item * user + step + Math.floor(block / strides.length)) % 5);
      return `${user}::${item}::${stars}::${956_700_000 + step * 86_400 + user * 60}`;
    }),
  );
  const file = join(folder, "tiny.yaml");
  await writeFile(
    file,
    `name: tiny
dataset: { source: movielens, path: ${source} }
contexts: { partRows: ${Math.max(10, users / 10)} }
train: { backbones: [dcn], seeds: [1], epochs: 2, batchSize: 64 }
compare: { resamples: 10 }
runtime: { threads: 2, memoryLimit: 512MB }
`,
  );
  return file;
}
