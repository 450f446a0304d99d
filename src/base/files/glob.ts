import { readdir, stat } from "node:fs/promises";
import { join, parse, sep } from "node:path";

/**
 * The files that match a pattern with `*` and `?`, folder by folder in the order of their names.
 *
 * @param pattern - Absolute
 * @param isDeep - Whether `**` stands for folders of any depth (a file may then come twice); otherwise it means `*`
 */
export async function globFiles(
  pattern: string,
  { isDeep = false }: { readonly isDeep?: boolean } = {},
): Promise<readonly string[]> {
  const { root } = parse(pattern);
  let paths: readonly string[] = [root];
  for (const part of pattern.slice(root.length).split(sep)) {
    const step =
      isDeep && part === "**" ? foldersUnder : (folder: string) => entriesLike(folder, part);
    paths = /[*?]/.test(part)
      ? (await Promise.all(paths.map(step))).flat()
      : paths.map((folder) => join(folder, part));
  }
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => null)));
  return paths.filter((_, place) => found[place]?.isFile() === true);
}

/** The folder and all folders in it, of any depth. */
async function foldersUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const inner = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => foldersUnder(join(folder, entry.name))),
  );
  return [folder, ...inner.flat()];
}

async function entriesLike(folder: string, pattern: string): Promise<readonly string[]> {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => new RegExp(`^${source}$`, "su").test(name))
    .sort()
    .map((name) => join(folder, name));
}
