import { lstat, open } from "node:fs/promises";
import { nullIfMissing, replaceFile } from "../../base/files/durable-file.ts";
import { FlowError } from "../../base/errors.ts";

/** How a page of r4ec begins: its title ends with its kind. */
const ownTitle = /<title>[^<]*: r4ec [^<]*<\/title>/;
const headBytes = 64 * 1024;

/**
 * Writes a page to a file that is new or an earlier page of r4ec.
 *
 * @param path - Absolute
 * @throws `CONFIG_INVALID` when there is anything else, which is left alone
 */
export async function writeProfile(path: string, page: string): Promise<void> {
  const found = await lstat(path).catch(nullIfMissing);
  if (found !== null && !(found.isFile() && ownTitle.test(await headOf(path)))) {
    throw new FlowError(
      "CONFIG_INVALID",
      `--out ${path}: it is there and is no page of r4ec; it was left as it is. Choose another name, or move it away`,
    );
  }
  await replaceFile(path, page);
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
