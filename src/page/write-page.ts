import { lstat, open } from "node:fs/promises";
import { nullIfMissing, replaceFile } from "../base/files/durable-file.ts";

/** How a page of r4ec begins: its title ends with its kind. */
const ownTitle = /<title>[^<]*: r4ec [^<]*<\/title>/;
const headBytes = 64 * 1024;

interface WritePageOptions {
  /** Makes the error about what is in the way; adds what to do about it. */
  readonly refuse: (fault: string) => Error;
  /** Replaces the file's content. Default: {@link replaceFile} */
  readonly replace?: (path: string, page: string) => Promise<void>;
}

/**
 * Writes a page to a file that is new or an earlier page of r4ec.
 *
 * @param path - Absolute
 * @throws What `refuse` returns if anything else is there, which is left alone
 */
export async function writePage(
  path: string,
  page: string,
  { refuse, replace = replaceFile }: WritePageOptions,
): Promise<void> {
  const found = await lstat(path).catch(nullIfMissing);
  if (found !== null && !(found.isFile() && ownTitle.test(await headOf(path)))) {
    throw refuse(`${path} exists and is not a page of r4ec; it was left as it is`);
  }
  await replace(path, page);
}

async function headOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}
