import { FlowError } from "../../base/errors.ts";
import { writePage } from "../../page/write-page.ts";

/**
 * Writes the dataset page; see {@link writePage}.
 *
 * @param path - Absolute
 * @param isGiven - Whether the user named the file
 * @throws `CONFIG_INVALID` when there is anything but an earlier page, which is left alone
 */
export async function writeProfile(path: string, page: string, isGiven: boolean): Promise<void> {
  await writePage(path, page, {
    refuse: (fault) =>
      new FlowError(
        "CONFIG_INVALID",
        `${isGiven ? "--out " : ""}${fault}. Choose another name with --out, or move it away`,
      ),
  });
}
