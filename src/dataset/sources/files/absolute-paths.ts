import { resolve } from "node:path";
import { isRemote } from "./find-files.ts";

/** Paths from the current folder made absolute; URLs as they are. */
export function absolutePaths(paths: string | readonly string[]): string | readonly string[] {
  const absolute = (path: string): string => (isRemote(path) ? path : resolve(path));
  return typeof paths === "string" ? absolute(paths) : paths.map(absolute);
}
