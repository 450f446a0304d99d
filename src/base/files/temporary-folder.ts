/** @file Temporary folders that name their process: those of dead processes are deleted when the next one is made in the same place. */
import {
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  writeFile,
} from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { jsonOrNull } from "../json.ts";
import { nullIfMissing } from "./durable-file.ts";
import { birthOf } from "../process-mark.ts";

const ownerName = "r4ec-owner.json";

const owner = z.object({
  pid: z.int(),
  host: z.string(),
  /** See {@link birthOf}. */
  born: z.string(),
  /** Names the table of processes that the pid is from: containers on one machine have their own. */
  space: z.string(),
});

/** A folder that is deleted when it is no longer needed. */
export interface TemporaryFolder {
  /** Absolute. */
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/**
 * Runs `use` on a new folder and deletes it afterwards. See {@link makeTemporaryFolder}.
 */
export async function withTemporaryFolder<T>(
  purpose: string,
  use: (folder: string) => Promise<T>,
  parent?: string,
): Promise<T> {
  const folder = await makeTemporaryFolder(purpose, parent);
  try {
    return await use(folder.path);
  } finally {
    await folder.remove();
  }
}

/**
 * Makes a folder, and its parent if that is missing, and deletes the folders that killed processes left there.
 *
 * @param purpose - Part of the folder's name
 * @param parent - Absolute. Default: the system's temporary folder
 */
export async function makeTemporaryFolder(
  purpose: string,
  parent: string = tmpdir(),
): Promise<TemporaryFolder> {
  await sweepTemporaryFolders(parent);
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, `r4ec-${purpose}-`));
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  try {
    const self = {
      pid: process.pid,
      host: hostname(),
      born: await birthOf(process.pid),
      space: await processSpace(),
    };
    await writeFile(join(path, ownerName), `${JSON.stringify(self)}\n`);
  } catch (error) {
    await remove().catch(() => undefined); // `error` is the cause
    throw error;
  }
  return { path, remove };
}

/**
 * Deletes the folders of dead processes of this machine and user. Folders that name no owner stay, and so does whatever cannot be
 * deleted.
 *
 * @param parent - Absolute. Default: the system's temporary folder
 */
export async function sweepTemporaryFolders(parent: string = tmpdir()): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((one) => /^r4ec-[a-z]+-[A-Za-z0-9]{6}$/.test(one))) {
    const folder = join(parent, name);
    if (await isAbandoned(folder)) {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined); // somebody else's to deal with
    }
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(nullIfMissing); // its process may have removed it since
  if (found?.isDirectory() !== true) return false;
  if (process.getuid !== undefined && found.uid !== process.getuid()) return false;
  const text = await readFile(join(folder, ownerName), "utf8").catch(() => "");
  const named = owner.safeParse(jsonOrNull(text));
  if (!named.success || named.data.host !== hostname()) return false;
  if (named.data.space !== (await processSpace())) return false;
  return (await birthOf(named.data.pid)) !== named.data.born;
}

function processSpace(): Promise<string> {
  return readlink("/proc/self/ns/pid").catch(() => "");
}
