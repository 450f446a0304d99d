import { relative, resolve } from "node:path";
import { encodeSettings } from "../encode/settings.ts";
import { errorText, errorTotal } from "../flow/outcomes.ts";
import { encodeFile } from "../pipeline/encode-file.ts";
import { runtimeOf } from "../pipeline/settings.ts";
import { requireWritable } from "../tables/files/table-file.ts";
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
  readonly maxErrors?: number;
}

export async function encodeCommand(file: string, options: EncodeOptions): Promise<void> {
  const { out, id, text, cache, encoder, maxErrors } = options;
  const { safeForSpreadsheets: isForSpreadsheets } = options;
  requireWritable(out, { isForSpreadsheets });
  await withProgress(async (view, signal) => {
    const { rows, errors, workDir } = await encodeFile({
      ...runtimeOf({ runtime: {} }),
      settings: encodeSettings.parse({
        ...(encoder !== undefined && { encoder }),
        ...(maxErrors !== undefined && { maxErrors }),
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
    if (errorTotal(errors) === 0) return;
    view.say(
      `${errorText(errors)}: what an id's other texts give is its vector, and an id without any has no row. ` +
        `Run again to ask for these texts once more; the vectors are kept in ${relative(process.cwd(), workDir)}, which can be deleted.`,
    );
  });
}
