import { FlowError } from "../base/errors.ts";
import { hasCode } from "../base/durable-file.ts";

/** @throws `CONFIG_INVALID` when the folder that the command was started in has been deleted: relative paths then lead nowhere */
export function requireCurrentFolder(): void {
  try {
    process.cwd();
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    throw new FlowError(
      "CONFIG_INVALID",
      "the current folder no longer exists: it was moved or deleted. Change to another folder and run the command again",
      { cause: error },
    );
  }
}
