import { mkdir, readdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import { FlowError } from "../base/errors.ts";
import { ownNames } from "../base/files/own-names.ts";
import { downloadFile, type DownloadOptions } from "./download-file.ts";
import { isTakenBy, type WantedFolder } from "./download-place.ts";
import { HubUnreachable, readHubRepository, type Hub, type HubFile } from "./hub-repository.ts";

/** What a caller who fetches anything says. */
export interface FetchFromHub {
  readonly hub: Hub;
  readonly signal: AbortSignal;
  /** Called with the bytes downloaded so far, and the total of all files known so far. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly retryDelaysMs?: DownloadOptions["retryDelaysMs"];
}

export interface RepositoryDownload extends FetchFromHub {
  /** Of the repository, `owner/name`. */
  readonly id: string;
  /** Where it goes, absolute; appears when it is complete. */
  readonly folder: string;
  readonly wanted: WantedFolder;
  /** What to do without a network. */
  readonly manualSteps: string;
  /** Chooses files, gets them, and throws where they are not what is wanted. */
  readonly fill: (download: Download) => Promise<void>;
}

/** A download in progress. */
export interface Download {
  /** The repository's files. */
  readonly available: readonly HubFile[];
  readonly find: (file: string) => HubFile | undefined;
  readonly urlOf: (file: string) => string;
  /** Where the files are meanwhile, absolute. */
  readonly partial: string;
  /** Downloads files, one after the other, and checks them. May be called again for files that the first ones name. */
  readonly get: (files: readonly HubFile[]) => Promise<void>;
}

/** A file in every download that is not complete: only such folders are deleted. */
const partialMark = ".r4ec-download";

/**
 * Downloads files of a repository, all of one revision, each checked by size and hash. Resumes interrupted downloads. The folder appears
 * when it is complete; one that is there already is kept.
 *
 * @returns The folder
 * @throws FlowError `PROVIDER_FAILED` where the hub fails, `OUTPUT_FAILED` when anything else is in its place; what `fill` throws
 */
export async function fetchRepository(options: RepositoryDownload): Promise<string> {
  const { id, folder, hub, wanted, manualSteps, fill } = options;
  if (await isTakenBy(folder, wanted)) return folder;
  try {
    const { revision, files } = await readHubRepository(hub, id);
    const partial = `${folder}.${revision.slice(0, 12)}.partial`;
    await fill(
      downloadTo(
        partial,
        options,
        files,
        (file) => `${hub.endpoint}/${id}/resolve/${revision}/${file}`,
      ),
    );
    await rename(partial, folder).catch(async (error: unknown) => {
      if (!(await isTakenBy(folder, wanted))) throw error; // otherwise another process was faster
    });
    await rm(path.join(folder, partialMark), { force: true });
    await dropPartials(folder);
  } catch (error) {
    if (!(error instanceof HubUnreachable)) throw error;
    throw new FlowError("PROVIDER_FAILED", `${error.message}\n${manualSteps}`, { cause: error });
  }
  return folder;
}

function downloadTo(
  partial: string,
  { signal, hub, onProgress, retryDelaysMs, wanted }: RepositoryDownload,
  available: readonly HubFile[],
  urlOf: (file: string) => string,
): Download {
  let doneBefore = 0;
  let total = 0;
  const getFile = async (file: HubFile): Promise<void> => {
    await downloadFile(hub, {
      ...{ file, signal, url: urlOf(file.path), target: path.join(partial, file.path) },
      onProgress: (bytes) => {
        onProgress(doneBefore + bytes, total);
      },
      ...(retryDelaysMs && { retryDelaysMs }),
    });
    doneBefore += file.bytes;
  };
  return {
    ...{ available, partial, urlOf },
    find: (file) => available.find((one) => one.path === file),
    get: async (files) => {
      await isTakenBy(partial, { ...wanted, isWanted: isPartial });
      await mkdir(partial, { recursive: true });
      await writeFile(path.join(partial, partialMark), "");
      await requireSpace(partial, files);
      total += files.reduce((sum, { bytes }) => sum + bytes, 0);
      for (const file of files) await getFile(file);
    },
  };
}

async function requireSpace(folder: string, files: readonly HubFile[]): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const present = await readdir(folder, { recursive: true });
  const missing = files.filter(({ path: file }) =>
    present.every((name) => !name.startsWith(path.normalize(file))),
  );
  const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= bavail * bsize) return;
  throw new FlowError(
    "OUTPUT_FAILED",
    `${folder}: ${gigabytes(bytes)} are to come, ${gigabytes(bavail * bsize)} are free; free some space or choose another folder with --cache`,
  );
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Removes partial downloads of other revisions, by their mark. */
async function dropPartials(folder: string): Promise<void> {
  const dir = path.dirname(folder);
  const start = `${path.basename(folder)}.`;
  for (const name of await readdir(dir)) {
    if (!name.startsWith(start) || !name.endsWith(".partial")) continue;
    if (await isPartial(path.join(dir, name))) {
      await rm(path.join(dir, name), { recursive: true, force: true });
    }
  }
}

/** Whether a folder is a download that is not complete. A link to one is not. */
async function isPartial(folder: string): Promise<boolean> {
  return (await ownNames(path.dirname(folder), path.basename(folder))).includes(partialMark);
}
