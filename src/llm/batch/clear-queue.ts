import { basename, dirname } from "node:path";
import { ownNames, removeOwnFile } from "../../base/files/own-names.ts";

/** Name of a file of queued prompts: each client writes its own. */
export const queueFile = /^[0-9a-f-]{36}\.jsonl$/;

/** Deletes the queued prompts of a folder, and nothing else that lies there. */
export async function clearQueue(queueDir: string): Promise<void> {
  const [parent, folder] = [dirname(queueDir), basename(queueDir)];
  for (const name of await ownNames(parent, folder)) {
    if (queueFile.test(name)) await removeOwnFile(parent, `${folder}/${name}`);
  }
}
