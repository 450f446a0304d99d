import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../../../base/errors.ts";
import { globFiles } from "../../../base/files/glob.ts";

/** A file of a source. */
export interface SourceFile {
  /** Absolute, or a URL that starts with s3:// or https://. */
  readonly path: string;
  readonly format: FileFormat;
  /** As stored. Null for a URL. */
  readonly bytes: number | null;
  /** Time of the last change, milliseconds since 1970. Null for a URL. */
  readonly changedMs: number | null;
}

export type FileFormat = "parquet" | "csv" | "json";

/** File name endings of each format. */
const endings: Readonly<Record<FileFormat, RegExp>> = {
  parquet: /\.(parquet|pq)$/i,
  csv: /\.(csv|tsv|txt)(\.gz)?$/i,
  json: /\.(json|jsonl|ndjson)(\.gz)?$/i,
};

export interface FindFilesOptions {
  /** Name of the setting, for messages, e.g. `dataset.interactions`. */
  readonly setting: string;
  /** Format of all files; default by each file's name. */
  readonly format?: FileFormat;
}

/** Whether a path is a URL that DuckDB reads through its extension httpfs. */
export function isRemote(path: string): boolean {
  return /^(s3|s3a|gcs|gs|r2|https?|hf):\/\//i.test(path);
}

/**
 * Finds the files of paths: files, folders with everything in them, globs (`*`, `?`, and `**` for folders at any depth). A path that names
 * an existing file is that file, whatever characters it has. Files of a folder or glob are sorted by path.
 *
 * @param paths - Absolute, or URLs
 * @throws `INPUT_INVALID` for a path without files, an empty file, or a file name that does not tell the format
 */
export async function findFiles(
  paths: string | readonly string[],
  options: FindFilesOptions,
): Promise<readonly SourceFile[]> {
  const found: SourceFile[] = [];
  for (const path of typeof paths === "string" ? [paths] : paths) {
    found.push(...(await filesAt(path, options)));
  }
  return found;
}

async function filesAt(path: string, options: FindFilesOptions): Promise<readonly SourceFile[]> {
  const { setting, format } = options;
  if (isRemote(path)) {
    return [{ path, format: format ?? formatOf(path, setting), bytes: null, changedMs: null }];
  }
  const known = await stat(path).catch(() => null);
  if (known?.isFile() === true) return [await sourceFile(path, options)];
  const isData = (name: string): boolean =>
    format === undefined
      ? Object.values(endings).some((ending) => ending.test(name))
      : endings[format].test(name);
  const names =
    known?.isDirectory() === true ? (await filesUnder(path)).filter(isData) : await filesLike(path);
  if (names.length === 0) {
    throw new FlowError(
      "INPUT_INVALID",
      known === null
        ? `${setting}: there is no file ${path}; relative paths start from the current folder`
        : `${setting}: the folder ${path} has no ${format ?? "Parquet, CSV or JSON"} files`,
    );
  }
  return Promise.all(names.map((name) => sourceFile(name, options)));
}

async function sourceFile(
  path: string,
  { setting, format }: FindFilesOptions,
): Promise<SourceFile> {
  const { size, mtimeMs } = await stat(path);
  if (size === 0) {
    throw new FlowError("INPUT_INVALID", `${setting}: ${path} is empty; remove or replace it`);
  }
  return { path, format: format ?? formatOf(path, setting), bytes: size, changedMs: mtimeMs };
}

function formatOf(path: string, setting: string): FileFormat {
  const formats: readonly FileFormat[] = ["parquet", "csv", "json"];
  const format = formats.find((candidate) => endings[candidate].test(path));
  if (format !== undefined) return format;
  throw new FlowError(
    "INPUT_INVALID",
    `${setting}: ${path}: expected a name ending in .parquet, .csv, .tsv, .txt, .json, .jsonl or .ndjson, the texts also with .gz; rename it`,
  );
}

/** All files under a folder, sorted by path, without hidden ones and markers such as `_SUCCESS`. */
async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const inner = await Promise.all(
    entries
      .filter(({ name }) => !/^[._]/.test(name))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        const isFolder = entry.isSymbolicLink()
          ? (await stat(path)).isDirectory()
          : entry.isDirectory();
        return isFolder ? filesUnder(path) : [path];
      }),
  );
  return inner.flat().sort();
}

async function filesLike(pattern: string): Promise<readonly string[]> {
  return [...new Set(await globFiles(pattern, { isDeep: true }))].sort();
}
