import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasCode, namesIn, nullIfMissing, writeDurably } from "../base/durable-file.ts";
import { linkOrCopy } from "../base/link-or-copy.ts";
import type { FileRef } from "./task.ts";

/** What a finished task committed: the only proof that its files are complete and belong to the run. */
export interface TaskManifest {
  readonly key: string;
  readonly stage: string;
  readonly index: number;
  readonly files: readonly FileRef[];
  /** Wall time of the winning attempt. */
  readonly seconds: number;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
}

/** Stores task manifests. The first writer of a key wins; all other attempts are void. */
export interface CommitStore {
  readonly get: (stage: string, key: string) => Promise<TaskManifest | null>;
  /** False when another attempt has already committed this key. */
  readonly putIfAbsent: (manifest: TaskManifest) => Promise<boolean>;
  /** Every committed task of every stage, including tasks of outdated settings. */
  readonly all: () => Promise<readonly TaskManifest[]>;
}

/**
 * Manifests as files in `<runDir>/manifests/<stage>/<key>.json`.
 *
 * A manifest is written under a unique name and then hard-linked to its final one: link(2) fails when the name exists, so a
 * manifest is never half-written and never replaced. A manifest whose parts are missing or differ in size is void and is removed.
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
        await linkOrCopy(attempt, path);
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
