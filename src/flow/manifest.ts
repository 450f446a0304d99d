import { randomUUID } from "node:crypto";
import { readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { hasCode, namesIn, nullIfMissing, writeDurably } from "../base/files/durable-file.ts";
import { makeFolderIn } from "../base/files/folder-in.ts";
import { jsonOrNull } from "../base/json.ts";
import { linkOrRename, type MakeLink } from "../base/files/new-name.ts";
import { ownNames, removeOwnFile } from "../base/files/own-names.ts";
import { damaged, sizeFault, type NamedFile } from "./file-check.ts";
import { fileRef } from "./file-ref.ts";
import type { FileRef } from "./task.ts";

/** What a finished task committed: the only proof that its files are complete and belong to the run. */
export interface TaskManifest {
  readonly key: string;
  readonly stage: string;
  readonly index: number;
  readonly files: readonly FileRef[];
  /** Files beside the tables, such as a trained model; absent where there are none, and before they were named. */
  readonly artifacts?: readonly NamedFile[];
  /** The parts it read: the first {@link readDigits} digits of each hash. Absent before they were noted. */
  readonly reads?: readonly string[];
  /** Wall time of the winning attempt. */
  readonly seconds: number;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
}

/** How much of a part's hash tells which part a task read. */
export const readDigits = 12;

/** Ending of manifests whose tasks are being done again. */
const asideSuffix = ".aside";

const taskManifest = z.looseObject({
  key: z.string(),
  stage: z.string(),
  index: z.int().min(0),
  files: z.array(fileRef),
  artifacts: z.array(fileRef.pick({ path: true, bytes: true, sha256: true })).optional(),
  reads: z.array(z.string()).optional(),
  seconds: z.number(),
  finishedAt: z.string(),
});

/** Stores task manifests. The first writer of a key wins; all other attempts are void. */
export interface CommitStore {
  /** @throws `RUN_INVALID` for a damaged manifest, and where a part is missing or has another size */
  readonly get: (stage: string, key: string) => Promise<TaskManifest | null>;
  /** False when another attempt has already committed this key. */
  readonly putIfAbsent: (manifest: TaskManifest) => Promise<boolean>;
  /**
   * Every committed task of every stage, including tasks of outdated settings, whatever became of their parts.
   *
   * @param onDamaged - Told of manifests that cannot be read. Default: they are errors, `RUN_INVALID`
   */
  readonly all: (onDamaged?: (found: ManifestPlace) => void) => Promise<readonly TaskManifest[]>;
  /** Undoes a commit: deletes the manifest, then the parts that it names. */
  readonly drop: (manifest: TaskManifest) => Promise<void>;
  /** Renames a manifest that cannot be read to `*.damaged`: it does not say whose parts are whose. */
  readonly discard: (place: ManifestPlace) => Promise<void>;
  /** Opens a committed task for another commit. Until {@link CommitStore.restore} is called, its old manifest is only put aside. */
  readonly setAside: (manifest: ManifestPlace) => Promise<void>;
  /** Ends all that was put aside: a manifest comes back unless its task has been committed again. */
  readonly restore: () => Promise<void>;
}

/** Where a manifest is kept. */
export interface ManifestPlace {
  readonly stage: string;
  readonly key: string;
}

/**
 * Manifests as files in `<runDir>/manifests/<stage>/<key>.json`.
 *
 * A manifest is written under a unique name and then hard-linked to its final one: link(2) fails when the name exists, so a
 * manifest is never half-written and never replaced. Where there are no hard links it is renamed, which the run's lock makes safe.
 *
 * @param makeLink - For tests. Default: link(2)
 */
export function fileCommitStore(runDir: string, makeLink?: MakeLink): CommitStore {
  const folder = join(runDir, "manifests");
  const pathOf = ({ stage, key }: ManifestPlace): string => join(folder, stage, `${key}.json`);

  const read = async (place: ManifestPlace): Promise<TaskManifest | "damaged" | null> => {
    const text = await readFile(pathOf(place), "utf8").catch(nullIfMissing);
    if (text === null) return null;
    const found = jsonOrNull(text);
    return isManifest(found) && found.key === place.key && found.stage === place.stage
      ? found
      : "damaged";
  };
  const unreadable = (place: ManifestPlace): Error =>
    damaged(runDir, pathOf(place), "it is not the manifest of this task, whole as it was written");

  return {
    get: async (stage, key) => {
      const place = { stage, key };
      const manifest = await read(place);
      if (manifest === "damaged") throw unreadable(place);
      for (const file of manifest?.files ?? []) {
        const fault = await sizeFault(runDir, file);
        if (fault !== null) throw damaged(runDir, join(runDir, file.path), fault);
      }
      return manifest;
    },
    putIfAbsent: async (manifest) => {
      const path = pathOf(manifest);
      const attempt = `${path}.${randomUUID()}.tmp`;
      await makeFolderIn(runDir, dirname(path));
      await writeDurably(attempt, `${JSON.stringify(manifest, null, 1)}\n`);
      try {
        await linkOrRename(attempt, path, makeLink);
        return true;
      } catch (error) {
        if (hasCode(error, "EEXIST")) return false;
        throw error;
      } finally {
        await rm(attempt, { force: true });
      }
    },
    all: async (onDamaged) => {
      const manifests: TaskManifest[] = [];
      for (const stage of await namesIn(folder)) {
        for (const name of await namesIn(join(folder, stage))) {
          if (!name.endsWith(".json")) continue;
          const place = { stage, key: name.slice(0, -".json".length) };
          const manifest = await read(place);
          if (manifest === "damaged") {
            if (onDamaged === undefined) throw unreadable(place);
            onDamaged(place);
          } else if (manifest !== null) manifests.push(manifest);
        }
      }
      return manifests;
    },
    drop: async (manifest) => {
      await rm(pathOf(manifest), { force: true });
      for (const { path } of manifest.files) await removeOwnFile(runDir, path);
    },
    discard: (place) => rename(pathOf(place), `${pathOf(place)}.damaged`),
    setAside: (place) => rename(pathOf(place), `${pathOf(place)}${asideSuffix}`),
    restore: async () => {
      for (const stage of await ownNames(runDir, "manifests")) {
        for (const name of await ownNames(runDir, "manifests", stage)) {
          if (!name.endsWith(`.json${asideSuffix}`)) continue;
          const place = { stage, key: name.slice(0, -`.json${asideSuffix}`.length) };
          const path = pathOf(place);
          const manifest = await read(place);
          // Where the new one cannot be read, both stay until it is discarded.
          if (manifest === null) await rename(`${path}${asideSuffix}`, path);
          else if (manifest !== "damaged") await rm(`${path}${asideSuffix}`, { force: true });
        }
      }
    },
  };
}

function isManifest(value: unknown): value is TaskManifest {
  return taskManifest.safeParse(value).success;
}
