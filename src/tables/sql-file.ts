import { readFileSync, readdirSync } from "node:fs";

/**
 * The text of a statement in `sql/`.
 *
 * Its first line must be `-- <name>: <sentence>`, so that an error can say which file it came from.
 *
 * @param name - Path under sql/ without extension, e.g. `samples/history`
 */
export function sqlFile(name: string): string {
  return readFileSync(new URL(`../../sql/${name}.sql`, import.meta.url), "utf8");
}

/** What the header of a statement says it is for: the sentence on its first line. */
export function sqlAbout(sql: string): string {
  return /^-- \S+: (.*)$/m.exec(sql)?.[1] ?? "";
}

/** The statements of a folder of `sql/`, by name without extension, in order of the alphabet. */
export function sqlNames(folder: string): readonly string[] {
  return readdirSync(new URL(`../../sql/${folder}/`, import.meta.url))
    .filter((name) => name.endsWith(".sql"))
    .map((name) => name.slice(0, -".sql".length))
    .sort();
}
