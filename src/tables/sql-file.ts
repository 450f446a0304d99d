import { readFileSync, readdirSync } from "node:fs";

/**
 * The text of a statement in `sql/`.
 *
 * The first line must be `-- <name>: <sentence>`, so that errors can name the file.
 *
 * @param name - Path under sql/ without extension, e.g. `samples/history`
 */
export function sqlFile(name: string): string {
  return readFileSync(new URL(`../../sql/${name}.sql`, import.meta.url), "utf8");
}

/** A statement's purpose: the sentence on its first line. */
export function sqlAbout(sql: string): string {
  return /^-- \S+: (.*)$/m.exec(sql)?.[1] ?? "";
}

/** The names of the statements in a folder of `sql/`, without extension, sorted. */
export function sqlNames(folder: string): readonly string[] {
  return readdirSync(new URL(`../../sql/${folder}/`, import.meta.url))
    .filter((name) => name.endsWith(".sql"))
    .map((name) => name.slice(0, -".sql".length))
    .sort();
}
