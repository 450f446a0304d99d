import { randomUUID } from "node:crypto";
import type { Dirent } from "node:fs";
import {
  copyFile,
  link,
  lstat,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlowError, reasonOf } from "../../base/errors.ts";
import { hasCode, nullIfMissing, syncFile, writeDurably } from "../../base/files/durable-file.ts";
import { makeFolderIn } from "../../base/files/folder-in.ts";
import type { MakeLink } from "../../base/files/new-name.ts";
import { isContent } from "./store-content.ts";
import type { RunStore, StoredFile } from "./run-store.ts";
import { isKey, requireKey, requirePrefix } from "./store-key.ts";
import { storeWaits, tryAgain } from "./try-again.ts";
import { useConditionalStore } from "./probe.ts";

export interface FolderStoreOptions {
  /** For tests. */
  readonly makeLink?: MakeLink;
  /** Pauses before another try, ms. */
  readonly waits?: readonly number[];
}

/** What network file systems fail with for a while: a server that is away, a handle of before. */
const passing = ["EIO", "ESTALE", "EAGAIN", "EBUSY", "ETIMEDOUT", "EHOSTDOWN", "EREMOTEIO"];

/** What link(2) fails with where a file system has no hard links. */
const noLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/**
 * A store in a folder of this machine, or of a mount that several machines share. Of writers at once one wins by link(2), so the file
 * system needs hard links, as local ones, NFS, Lustre and CephFS have them.
 *
 * @param root - Absolute; must exist, so that a mount that is missing is not taken for an empty store
 */
export function folderStore(root: string, options: FolderStoreOptions = {}): RunStore {
  const { makeLink = link, waits = storeWaits } = options;

  const within = async <T>(doing: string, key: string, work: () => Promise<T>): Promise<T> => {
    const triesWorth = (error: unknown): number =>
      passing.some((code) => hasCode(error, code)) ? waits.length : 0;
    try {
      return await tryAgain({ waits, triesWorth }, work);
    } catch (error) {
      throw await storeError(root, `${doing} ${key}`, error);
    }
  };
  const requireRoot = async (): Promise<void> => {
    if ((await stat(root).catch(nullIfMissing)) === null) throw new RootMissing();
  };

  /** Writes an unfinished file and hands it over; what is left of it is deleted. */
  const writing = async (
    key: string,
    write: (unfinished: string) => Promise<void>,
    finish: (unfinished: string, path: string) => Promise<void>,
  ): Promise<void> => {
    const path = join(root, key);
    const unfinished = `${path}.${randomUUID()}.tmp`;
    await requireRoot();
    await makeFolderIn(root, dirname(path));
    try {
      await write(unfinished);
      await finish(unfinished, path);
    } finally {
      await rm(unfinished, { force: true }).catch(() => undefined); // in no list, and in nobody's way
    }
  };

  const get = async (key: string): Promise<Uint8Array | null> => {
    requireKey(key);
    return within("read", key, async () => {
      const found = await readFile(join(root, key)).catch(nullIfNoFile);
      if (found === null) await requireRoot();
      return found;
    });
  };

  return {
    name: root,
    list: (prefix) => {
      const place = prefix.lastIndexOf("/") + 1;
      const found = filesBelow(prefix.slice(0, place), prefix, (folder) =>
        within("list", folder, async () => {
          const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(
            nullIfMissing,
          );
          if (entries === null) await requireRoot();
          return entries ?? [];
        }),
      );
      return described(root, prefix, found);
    },
    get,
    put: async (key, content) => {
      requireKey(key);
      await within("write", key, () =>
        writing(key, (unfinished) => writeDurably(unfinished, content), rename),
      );
    },
    putIfAbsent: async (key, content) => {
      requireKey(key);
      const isFirst = await within("write", key, async () => {
        let wasThere = false;
        await writing(
          key,
          (unfinished) => writeDurably(unfinished, content),
          async (unfinished, path) => {
            try {
              await makeLink(unfinished, path);
            } catch (error) {
              if (!hasCode(error, "EEXIST")) throw asUnlinkable(root, error);
              wasThere = true;
            }
          },
        );
        return !wasThere;
      });
      if (isFirst) return true;
      // Over NFS the reply to link(2) may be lost and the call be sent twice: the second finds what the first made.
      const found = await get(key);
      return found !== null && isContent(found, content);
    },
    upload: async (key, path) => {
      requireKey(key);
      await stat(path);
      await within("write", key, () =>
        writing(
          key,
          async (unfinished) => {
            await copyFile(path, unfinished);
            await syncFile(unfinished);
          },
          rename,
        ),
      );
    },
    download: async (key, path) => {
      requireKey(key);
      await mkdir(dirname(path), { recursive: true });
      const unfinished = `${path}.${randomUUID()}.tmp`;
      return within("read", key, async () => {
        try {
          const found = await lstat(join(root, key)).catch(nullIfMissing);
          if (found?.isFile() !== true) {
            await requireRoot();
            return false;
          }
          await copyFile(join(root, key), unfinished);
          await syncFile(unfinished);
          await rename(unfinished, path);
          return true;
        } finally {
          await rm(unfinished, { force: true });
        }
      });
    },
    delete: async (key) => {
      requireKey(key);
      await within("delete", key, async () => {
        await requireRoot();
        await rm(join(root, key), { force: true });
      });
    },
    close: () => Promise.resolve(),
  };
}

/** Keys of files, in order of their UTF-8, which is that of names with the slash behind those of folders. */
async function* filesBelow(
  folder: string,
  prefix: string,
  entriesOf: (folder: string) => Promise<readonly Dirent[]>,
): AsyncGenerator<string> {
  const entries = (await entriesOf(folder))
    .filter((entry) => entry.isDirectory() || entry.isFile())
    .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? "/" : ""}`)
    .filter((key) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const key of entries) {
    if (key.endsWith("/")) yield* filesBelow(key, prefix, entriesOf);
    else if (isKey(key)) yield key;
  }
}

async function* described(
  root: string,
  prefix: string,
  keys: AsyncIterable<string>,
): AsyncGenerator<StoredFile> {
  requirePrefix(prefix);
  for await (const key of keys) {
    const found = await lstat(join(root, key), { bigint: true }).catch(nullIfMissing);
    if (found === null) continue; // deleted meanwhile
    const tag = `${found.ino}-${found.size}-${found.mtimeNs}`;
    yield { key, bytes: Number(found.size), tag, writtenMs: Number(found.mtimeMs) };
  }
}

function nullIfNoFile(error: unknown): null {
  return hasCode(error, "EISDIR") ? null : nullIfMissing(error);
}

class RootMissing extends Error {}

function asUnlinkable(root: string, error: unknown): unknown {
  if (!noLinks.some((code) => hasCode(error, code))) return error;
  return new FlowError(
    "CONFIG_INVALID",
    `The file system of ${root} has no hard links, without which two machines could both finish the same task. ${useConditionalStore}`,
    { cause: error },
  );
}

async function storeError(root: string, doing: string, error: unknown): Promise<unknown> {
  if (error instanceof FlowError && error.code === "CONFIG_INVALID") return error;
  const isThere = await stat(root).then(
    () => true,
    () => false,
  );
  const cure = isThere
    ? "Free some space there, or fix the permissions or the mount, and run the same command again: finished work is kept."
    : "The folder is not there: mount or create it, or put it back, and run the same command again.";
  const reason = error instanceof RootMissing ? "" : ` (${reasonOf(error)})`;
  return new FlowError("STORE_FAILED", `The store ${root} could not ${doing}${reason}. ${cure}`, {
    cause: error,
  });
}
