import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { nullIfMissing, replaceFile } from "../../base/files/durable-file.ts";

/** Earlier input, kept in a file with one entry per line. */
export interface History {
  /** Newest first. */
  readonly entries: () => readonly string[];
  /** Adds an entry, unless it equals the newest. */
  readonly add: (entry: string) => Promise<void>;
}

/** Most entries kept. */
const mostEntries = 1000;

/** Opens the history. The file need not exist yet. */
export async function openHistory(path: string): Promise<History> {
  const lines = ((await readFile(path, "utf8").catch(nullIfMissing)) ?? "")
    .split("\n")
    .filter((line) => line !== "");
  if (lines.length > 2 * mostEntries) {
    await replaceFile(path, `${lines.slice(-mostEntries).join("\n")}\n`);
  }
  const entries = lines.slice(-mostEntries).reverse();
  return {
    entries: () => entries,
    add: async (entry) => {
      if (entry === entries[0]) return;
      entries.unshift(entry);
      entries.splice(mostEntries);
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, `${entry}\n`, { mode: 0o600 }); // queries may be private
    },
  };
}
