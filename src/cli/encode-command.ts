import { resolve } from "node:path";
import { encodeSettings } from "../encode/settings.ts";
import { encodeFile } from "../pipeline/encode-file.ts";
import { runtimeOf } from "../pipeline/settings.ts";
import { requireWritable } from "../tables/table-file.ts";
import { encodersDir } from "./load-settings.ts";
import { userCacheDir } from "./user-cache-dir.ts";
import { withProgress } from "./progress/with-progress.ts";

export interface EncodeOptions {
  readonly out: string;
  readonly id?: string;
  readonly text?: string;
  readonly cache?: string;
  readonly encoder?: string;
  readonly safeForSpreadsheets?: boolean;
}

export async function encodeCommand(file: string, options: EncodeOptions): Promise<void> {
  const { out, id, text, cache, encoder, safeForSpreadsheets: isForSpreadsheets } = options;
  requireWritable(out, { isForSpreadsheets });
  await withProgress(async (view, signal) => {
    const rows = await encodeFile({
      ...runtimeOf({ runtime: {} }),
      settings: encodeSettings.parse({
        ...(encoder !== undefined && { encoder }),
        cache: encodersDir(cache === undefined ? undefined : resolve(cache)),
      }),
      file: resolve(file),
      out: resolve(out),
      isForSpreadsheets,
      ...(id !== undefined && { idColumn: id }),
      ...(text !== undefined && { textColumn: text }),
      cacheDir: resolve(cache ?? userCacheDir()),
      signal,
      onEvent: view.show,
    });
    view.say(`${rows.toLocaleString("en")} vectors: ${out}`);
  });
}
