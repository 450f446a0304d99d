/** Values that folders named `name=value` give to all rows of a file, by name, in path order. */
export function partitionValues(path: string): ReadonlyMap<string, string> {
  const folders = path.split("/").slice(0, -1);
  return new Map(
    folders.flatMap((folder): readonly (readonly [string, string])[] => {
      const at = folder.indexOf("=");
      return at < 1 ? [] : [[unescaped(folder.slice(0, at)), unescaped(folder.slice(at + 1))]];
    }),
  );
}

/** Partitions are written with special characters escaped, as in `%2F`. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a plain percent sign
  }
}
