import { sep } from "node:path";

/**
 * Short and unique names of folders: the last parts of their paths, as many as tell all apart.
 *
 * @param paths - Absolute, without links, each different
 */
export function shortNames(paths: readonly string[]): readonly string[] {
  const parts = paths.map((path) => path.split(sep).filter((part) => part !== ""));
  const most = Math.max(...parts.map((own) => own.length));
  for (let count = 1; count < most; count++) {
    const names = parts.map((own) => own.slice(-count).join("/"));
    if (new Set(names).size === names.length) return names;
  }
  return paths;
}
