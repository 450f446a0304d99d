import { readFileSync } from "node:fs";

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
