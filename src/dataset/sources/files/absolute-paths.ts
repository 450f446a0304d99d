import { resolve } from "node:path";
import { isRemote } from "./find-files.ts";

/** Resolves paths against the current folder; URLs stay as they are. */
export function absolutePaths(paths: string | readonly string[]): string | readonly string[] {
  const absolute = (path: string): string => (isRemote(path) ? path : resolve(path));
  return typeof paths === "string" ? absolute(paths) : paths.map(absolute);
}
