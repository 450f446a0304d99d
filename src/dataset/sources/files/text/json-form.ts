import type { SourceFile } from "../find-files.ts";
import { firstValue } from "./json-values.ts";
import { readObject } from "./python-object.ts";
import { readChunks } from "./read-chunks.ts";

/** How the objects of a JSON file stand in it: one in each line, in one list, or one after another wherever lines break. */
export type JsonForm = "lines" | "list" | "values";

/** Tells the form of a JSON file by its beginning. A URL is taken to hold one object in each line. */
export async function jsonForm({ path, bytes }: SourceFile): Promise<JsonForm> {
  if (bytes === null) return "lines";
  for await (const chunk of readChunks(path)) {
    const text = chunk
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .trimStart();
    if (text === "") continue;
    if (text.startsWith("[")) return "list";
    const end = text.indexOf("\n");
    if (!text.startsWith("{") || readObject(end === -1 ? text : text.slice(0, end)) !== undefined) {
      return "lines";
    }
    const first = firstValue(Buffer.from(text));
    return first !== undefined && readObject(first.toString("utf8")) !== undefined
      ? "values"
      : "lines";
  }
  return "lines";
}
