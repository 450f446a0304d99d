import { join } from "node:path";
import { makeFolderIn } from "../base/files/folder-in.ts";
import { stageNotes } from "../flow/stage-notes.ts";
import type { TaskContext } from "../flow/task.ts";
import { openVectorCache } from "./cache/vector-cache.ts";
import type { EncodeSettings } from "./encoder-settings.ts";
import { openNamedEncoder } from "./encoders/encoder-kinds.ts";
import type { Encoder } from "./model/encoder.ts";
import type { SpendingSettings } from "./spending.ts";

/**
 * The encoder of a task, behind the run's cache of vectors. It lives as long as the worker: loading may take longer than encoding a
 * part, and tasks that ask a server share its limits.
 *
 * @throws FlowError as opening encoder, cache and client does
 */
export function taskEncoder(
  settings: EncodeSettings,
  spending: SpendingSettings,
  context: TaskContext,
): Promise<Encoder> {
  const { runDir, cacheDir, threads, shared, share = 1, budget } = context;
  return shared(`encoder ${JSON.stringify(settings)}`, async () => {
    const folder = settings.vectors ?? join(runDir, "cache", "vectors");
    await makeFolderIn(runDir, folder);
    const { say } = await stageNotes(context);
    const onWait = (text: string): void => {
      say(text, text);
    };
    const cache = await openVectorCache(folder, { onWait });
    return openNamedEncoder(settings, {
      ...{ cache, cacheDir, threads, runDir, shared, share, spending, onWait },
      ...(budget && { budget }),
    });
  });
}
