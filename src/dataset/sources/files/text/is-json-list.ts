import type { SourceFile } from "../find-files.ts";
import { readChunks } from "./read-chunks.ts";

/** Whether a JSON file is one list of objects rather than one object per line: by its first character. */
export async function isJsonList({ path, bytes }: SourceFile): Promise<boolean> {
  if (bytes === null) return false;
  for await (const chunk of readChunks(path)) {
    const start = chunk.toString("latin1", 0, 4096).replace(/^\u00EF\u00BB\u00BF/, "");
    if (start.trim() !== "") return start.trimStart().startsWith("[");
  }
  return false;
}
