import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Catalog } from "../flow/stage.ts";
import { literalPattern } from "./files/literal-path.ts";

/**
 * The paths by which DuckDB asks for a run's parts, where they are not plain paths in the run folder: those that symbolic links lead
 * to, and patterns for names with letters of globs. Absolute.
 */
export async function partsElsewhere(tables: Catalog, runDir: string): Promise<readonly string[]> {
  const root = await realpath(runDir);
  const paths: string[] = [];
  for (const { path } of Object.values(tables).flat()) {
    const named = join(runDir, path);
    const pattern = literalPattern(named);
    if (pattern !== named) paths.push(pattern);
    const place = await realpath(named).catch(() => null);
    if (place !== null && place !== join(root, path)) paths.push(place);
  }
  return paths;
}
