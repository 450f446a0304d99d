import { randomUUID } from "node:crypto";
import { copyFile, link, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { hasCode, nullIfMissing } from "../../base/files/durable-file.ts";
import { sha256OfFile, type NamedFile } from "../file-check.ts";
import type { RunStore } from "./run-store.ts";
import { keyOfNamed } from "./stored-path.ts";

/** Files of stores on this machine, by content: what one process has fetched, no other fetches again. */
export interface PartCache {
  /**
   * Puts a file of a store at a path, from here or else from there. Its content is checked when it arrives.
   *
   * @param path - Absolute, new
   * @returns False where the store has no such file
   * @throws `RUN_INVALID` where the store's file is not the one that the manifest names
   */
  readonly fetch: (store: RunStore, file: NamedFile, path: string) => Promise<boolean>;
  /** Remembers a file that this process has written. */
  readonly keep: (file: NamedFile, path: string) => Promise<void>;
}

/**
 * A cache in a folder, which processes may share. Whatever was used longest ago is removed when it holds more than `maxBytes`; files
 * that a run is using stay where they are used.
 *
 * @param dir - Absolute, made if missing
 */
export function partCache(dir: string, maxBytes: number): PartCache {
  const pathOf = (sha256: string): string => join(dir, sha256.slice(0, 2), sha256);
  /** Bytes in the folder; null before they have been counted. */
  let held: number | null = null;

  const shrink = async (added: number): Promise<void> => {
    if (held !== null) held += added;
    if (held !== null && held <= maxBytes) return;
    const files = await filesIn(dir);
    held = files.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of files.toSorted((a, b) => a.usedMs - b.usedMs)) {
      if (held <= maxBytes) return;
      await rm(path, { force: true });
      held -= bytes;
    }
  };

  const keep = async (file: NamedFile, path: string): Promise<void> => {
    const place = pathOf(file.sha256);
    await mkdir(dirname(place), { recursive: true });
    if (await linkOrCopyTo(path, place)) await shrink(file.bytes);
  };

  return {
    keep,
    fetch: async (store, file, path) => {
      await mkdir(dirname(path), { recursive: true });
      const kept = pathOf(file.sha256);
      if ((await stat(kept).catch(nullIfMissing))?.size === file.bytes) {
        const now = new Date();
        await utimes(kept, now, now).catch(() => undefined); // another process may have removed it
        if ((await linkOrCopyTo(kept, path).catch(nullIfMissing)) !== null) return true;
      }
      const key = keyOfNamed(file);
      if (!(await store.download(key, path))) return false;
      if ((await sha256OfFile(path)) !== file.sha256) {
        await rm(path, { force: true });
        throw new FlowError(
          "RUN_INVALID",
          `${store.name}/${key}: its content is not what was written. Delete the object, and run the pipeline file of the run again with --repair: what wrote it runs again.`,
        );
      }
      await keep(file, path);
      return true;
    },
  };
}

/** Gives a file a second name, or copies it where it cannot be linked; false where there is a file of that name. */
async function linkOrCopyTo(path: string, name: string): Promise<boolean> {
  try {
    await link(path, name);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    if (hasCode(error, "ENOENT")) throw error;
  }
  const attempt = `${name}.${randomUUID()}.tmp`;
  try {
    await copyFile(path, attempt);
    await rename(attempt, name);
  } finally {
    await rm(attempt, { force: true });
  }
  return true;
}

interface KeptFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

async function filesIn(dir: string): Promise<readonly KeptFile[]> {
  const names = await readdir(dir, { recursive: true }).catch(() => []);
  const found = names.map(async (name) => {
    const path = join(dir, name);
    const file = await stat(path).catch(nullIfMissing);
    return file?.isFile() === true ? { path, bytes: file.size, usedMs: file.mtimeMs } : null;
  });
  return (await Promise.all(found)).filter((file) => file !== null);
}
