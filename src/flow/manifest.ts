import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FileRef } from "./task.ts";

/** What one finished task committed: the only proof that its files are complete and belong to the run. */
export interface TaskManifest {
  readonly key: string;
  readonly stage: string;
  readonly index: number;
  readonly files: readonly FileRef[];
  /** Wall time of the attempt that won. */
  readonly seconds: number;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
}

/** Where task manifests are kept. The first writer of a key wins; everyone else's attempt is void. */
export interface CommitStore {
  readonly get: (stage: string, key: string) => Promise<TaskManifest | null>;
  /** False when another attempt has committed this key before. */
  readonly putIfAbsent: (manifest: TaskManifest) => Promise<boolean>;
  /** Every committed task of every stage, current or not. */
  readonly all: () => Promise<readonly TaskManifest[]>;
}

/**
 * Manifests as files in `<runDir>/manifests/<stage>/<key>.json`.
 *
 * A manifest is written under a unique name and then hard-linked to its own: link(2) fails when the name exists, so it is never
 * half-written and never replaced. One whose parts are gone or have another size is void and is removed.
 */
export function fileCommitStore(runDir: string): CommitStore {
  const folder = join(runDir, "manifests");
  const pathOf = (stage: string, key: string): string => join(folder, stage, `${key}.json`);

  const read = async (path: string): Promise<TaskManifest | null> => {
    const text = await readFile(path, "utf8").catch(nullIfMissing);
    if (text === null) return null;
    const manifest = JSON.parse(text) as TaskManifest;
    for (const file of manifest.files) {
      const found = await stat(join(runDir, file.path)).catch(nullIfMissing);
      if (found?.size !== file.bytes) {
        await rm(path, { force: true });
        return null;
      }
    }
    return manifest;
  };

  return {
    get: (stage, key) => read(pathOf(stage, key)),
    putIfAbsent: async (manifest) => {
      const path = pathOf(manifest.stage, manifest.key);
      const attempt = `${path}.${randomUUID()}.tmp`;
      await mkdir(dirname(path), { recursive: true });
      await writeDurably(attempt, `${JSON.stringify(manifest, null, 1)}\n`);
      try {
        await link(attempt, path);
        return true;
      } catch (error) {
        if (hasCode(error, "EEXIST")) return false;
        throw error;
      } finally {
        await rm(attempt, { force: true });
      }
    },
    all: async () => {
      const manifests: TaskManifest[] = [];
      for (const stage of await namesIn(folder)) {
        for (const name of await namesIn(join(folder, stage))) {
          const manifest = name.endsWith(".json") && (await read(join(folder, stage, name)));
          if (manifest) manifests.push(manifest);
        }
      }
      return manifests;
    },
  };
}

/** Replaces a file as a whole: readers see the old or the new content, also after a crash. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const attempt = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeDurably(attempt, content);
    await rename(attempt, path);
  } catch (error) {
    await rm(attempt, { force: true }).catch(() => undefined); // it may never have been made; the cause is `error`
    throw error;
  }
}

/** The entries of a folder, sorted; none when it does not exist or is a file. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return [];
    throw error;
  }
}

/** For `catch`: null for "no such file", also where a folder of its path is a file; rethrows anything else. */
export function nullIfMissing(error: unknown): null {
  if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
  throw error;
}

/** Whether an error is a system error of this code, e.g. `EEXIST`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Writes a new file and waits until it is on the disk: also after a power cut it is whole. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
