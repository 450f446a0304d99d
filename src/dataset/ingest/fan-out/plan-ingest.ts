import { sha256 } from "../../../base/sha256.ts";
import type { bucketsSetting, DatasetSettings, ingestTasksSetting } from "../../settings.ts";
import { filesOf, fingerprintSource } from "../../sources/files/fingerprint-files.ts";
import type { SourceFile } from "../../sources/files/find-files.ts";
import type { FilesSettings } from "../../sources/files/settings.ts";
import { sourceOf } from "../../sources/registry.ts";
import type { z } from "zod";
import { bucketsOfFiles, fileGroups, type FileGroup } from "./file-groups.ts";

/** How a source is read: by a single task, or in groups of its files. */
export interface IngestPlan {
  /** Fingerprint of all files. */
  readonly source: string;
  readonly fanOut: FanOut | null;
}

export interface FanOut {
  /** The source as a files source reads it. */
  readonly settings: FilesSettings;
  readonly groups: readonly PlannedGroup[];
  readonly buckets: number;
  /** Fingerprint of the metadata files. */
  readonly metadata: string;
}

/** A group of files as its tasks' parameters name it. */
export type PlannedGroup = FileGroup & {
  /** Changes with the files' content. */
  readonly content: string;
  /** Hash of their paths. */
  readonly paths: string;
};

interface PlanOptions {
  readonly dataset: DatasetSettings;
  readonly tasks: z.output<typeof ingestTasksSetting>;
  readonly buckets: z.output<typeof bucketsSetting>;
}

/** @throws `INPUT_INVALID` for files that are not there */
export async function planIngest({
  dataset,
  tasks,
  buckets: wanted,
}: PlanOptions): Promise<IngestPlan> {
  const source = sourceOf(dataset);
  const given = tasks === 1 ? undefined : await source.files?.(dataset);
  if (given !== undefined) {
    const { settings } = given;
    const { interactions, items, users } = await given.run(() => filesOf(settings));
    const buckets = wanted === "auto" ? bucketsOfFiles(interactions) : wanted;
    const groups = fileGroups(interactions, tasks, buckets);
    if (groups.length > 1) {
      const planned: PlannedGroup[] = [];
      for (const { from, to } of groups) {
        const files = interactions.slice(from, to);
        const content = sha256(
          await fingerprintSource({ interactions: files, items: [], users: [] }),
        );
        planned.push({ from, to, content, paths: pathsHash(files) });
      }
      return {
        source: sha256(planned.map(({ content, paths }) => `${content} ${paths}`).join("\n")),
        fanOut: {
          ...{ settings, groups: planned, buckets },
          metadata: await fingerprintSource({ interactions: [], items, users }),
        },
      };
    }
  }
  return { source: await source.fingerprint(dataset), fanOut: null };
}

/** What tells lists of files apart by their paths. */
export function pathsHash(files: readonly SourceFile[]): string {
  return sha256(files.map(({ path }) => path).join("\n"));
}
