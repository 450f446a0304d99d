import { FlowError } from "../base/errors.ts";

/**
 * Refuses to work in a folder that was deleted meanwhile: no relative path means anything there.
 *
 * @param find - Default: asks the operating system
 * @throws `OUTPUT_FAILED`
 */
export function requireCurrentFolder(find: () => string = () => process.cwd()): void {
  try {
    find();
  } catch (cause) {
    throw new FlowError(
      "OUTPUT_FAILED",
      "the current folder does not exist any more: change into another folder (cd) and run the command again",
      { cause },
    );
  }
}
