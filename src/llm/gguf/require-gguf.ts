import { open } from "node:fs/promises";
import { FlowError, reasonOf } from "../../base/errors.ts";

/**
 * @param where - The setting that names the file
 * @throws FlowError `CONFIG_INVALID` for a file that cannot be read or is no GGUF file
 */
export async function requireGguf(path: string, where: string): Promise<void> {
  const file = await open(path).catch((error: unknown) => {
    throw new FlowError(
      "CONFIG_INVALID",
      `${where} names the file ${path}, which cannot be read: ${reasonOf(error)}. Give the path of a .gguf file.`,
      { cause: error },
    );
  });
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4);
    if (buffer.toString("latin1") !== "GGUF") {
      throw new FlowError(
        "CONFIG_INVALID",
        `${where} names the file ${path}, which is no GGUF file.`,
      );
    }
  } finally {
    await file.close();
  }
}
