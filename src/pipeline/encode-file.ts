import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { RetryWish } from "../base/retry-policy.ts";
import { fingerprintFile } from "../base/files/file-fingerprint.ts";
import { encoderIdentity } from "../encode/encoders/encoder-kinds.ts";
import { encodeTextsStage } from "../encode/encode-texts-stage.ts";
import type { EncodeSettings } from "../encode/encoder-settings.ts";
import { textsStage } from "../encode/texts-stage.ts";
import { FlowError } from "../base/errors.ts";
import { localExecutor } from "../flow/executors/local/local-executor.ts";
import { hasCode, namesIn } from "../base/files/durable-file.ts";
import { errorsIn, errorTotal, type ErrorCounts } from "../flow/outcomes.ts";
import type { RunEvent } from "../flow/run-event.ts";
import { lockRun } from "../flow/run-lock.ts";
import { fileCommitStore } from "../flow/manifest.ts";
import { claimFolder, markName } from "../flow/run-mark.ts";
import { runStages } from "../flow/run-stages.ts";
import type { Catalog, StageDef } from "../flow/stage.ts";
import { type Database, withDatabase } from "../tables/database.ts";
import { requireReplaceable } from "../tables/earlier-output.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { quoteName } from "../tables/quote.ts";
import { openTableFile, writeTableFile, type CsvOptions } from "../tables/files/table-file.ts";
import { refuseSecrets } from "./secret-settings.ts";

export interface EncodeFileOptions extends CsvOptions {
  /** Table of texts. Absolute. */
  readonly file: string;
  /** Absolute. */
  readonly out: string;
  /** Column of ids; default: the first of item_id, user_id and id that exists. */
  readonly idColumn?: string;
  /** Column of texts; default: text. */
  readonly textColumn?: string;
  readonly settings: EncodeSettings;
  /** Where the converted encoder is kept. Absolute. */
  readonly cacheDir: string;
  /** Workers, one per core. */
  readonly threads: number;
  /** Of SQL, MiB. */
  readonly memoryMb: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

/** What became of a file of texts. */
export interface EncodedFile {
  /** Vectors written. */
  readonly rows: number;
  /** Texts without a vector, by kind. */
  readonly errors: ErrorCounts;
  /** Where the vectors stay while there are such texts. Absolute. */
  readonly workDir: string;
}

/**
 * Encodes a file of texts as a run does: one vector per id, the mean where an id has several texts. Finished parts stay in
 * `<out>.work` until all are done, so that a killed call resumes. An id none of whose texts a server encodes has no row; the work folder
 * then stays as well, so that the next call asks for these texts only.
 *
 * @throws `INPUT_INVALID` naming file, row and cure; `CONFIG_INVALID` for a column that is not there; `TOO_MANY_ERRORS` beyond
 *   `settings.maxErrors`
 */
export async function encodeFile(options: EncodeFileOptions): Promise<EncodedFile> {
  const { out, threads, memoryMb, signal } = options;
  refuseSecrets({ encode: options.settings });
  const workDir = `${out}.work`;
  await claimFolder(workDir, "encode", {
    isFormer: () => isFormerWork(workDir),
    cure: "Choose another --out, or move the folder away.",
  });
  const release = await lockRun(workDir);
  try {
    const database = { threads, memoryMb, tempDir: join(workDir, "spill"), signal };
    const encoded = await withDatabase(database, async (db) => {
      const { file, idColumn, textColumn } = options;
      await requireReplaceable(db, out, ["encoder", "vector", "tokens", "chunks"]);
      const columns = await columnsOf(db, file, { id: idColumn, text: textColumn });
      const tables = await encodeParts(await stagesOf(options, columns), workDir, options);
      await db.run("set preserve_insertion_order = true"); // the parts are in order of ids
      const { vectors = [], text_ids = [], text_requests = [] } = tables;
      await mountTables(db, { vectors, text_ids }, workDir);
      const named = "vectors join text_ids on vectors.id = text_ids.subject_id order by vectors.id";
      const select =
        text_ids.length === 0
          ? `select id as ${quoteName(columns.id)}, * exclude (id) from vectors`
          : `select text_ids.id as ${quoteName(columns.id)}, vectors.* exclude (id) from ${named}`;
      const rows = await writeTableFile(db, select, out, options);
      return { rows, errors: errorsIn(text_requests) };
    });
    if (errorTotal(encoded.errors) === 0) await removeWork(workDir);
    return { ...encoded, workDir };
  } catch (error) {
    // An unreadable file leaves nothing to resume; vectors already paid for are kept.
    const isRefused =
      error instanceof FlowError && ["INPUT_INVALID", "CONFIG_INVALID"].includes(error.code);
    const vectors = await namesIn(join(workDir, "cache", "vectors"));
    if (isRefused && vectors.length === 0) await removeWork(workDir);
    throw error;
  } finally {
    await release();
  }
}

/** Deletes the work folder; what somebody else has put into it stays, and the folder with it. */
async function removeWork(workDir: string): Promise<void> {
  const own = ["tables", "manifests", "stages", "checkpoints", "attempts", "cache", "tmp", "spill"];
  for (const name of [...own, "lock", markName]) {
    await rm(join(workDir, name), { recursive: true, force: true });
  }
  await rmdir(workDir).catch((error: unknown) => {
    if (!hasCode(error, "ENOTEMPTY")) throw error;
  });
}

/** Whether a folder is that of a call made before there were marks. */
async function isFormerWork(workDir: string): Promise<boolean> {
  const tasks = await fileCommitStore(workDir).all(() => undefined);
  return tasks.some(({ stage }) => stage === "texts");
}

interface TextColumns {
  readonly id: string;
  readonly text: string;
}

/** Column names that are ids unless another is named, in order of preference. */
const idColumns = ["item_id", "user_id", "id"];

async function columnsOf(
  db: Database,
  file: string,
  given: { readonly id: string | undefined; readonly text: string | undefined },
): Promise<TextColumns> {
  const { columns } = await openTableFile(db, file);
  const names = columns.map(({ name }) => name);
  const pick = (wanted: readonly string[], option: string): string => {
    const found = wanted.find((name) => names.includes(name));
    if (found !== undefined) return found;
    throw new FlowError(
      "CONFIG_INVALID",
      `${file}: there is no column ${wanted.join(" or ")}, only ${names.join(", ")}; name it with ${option}`,
    );
  };
  return {
    id: pick(given.id === undefined ? idColumns : [given.id], "--id"),
    text: pick([given.text ?? "text"], "--text"),
  };
}

async function stagesOf(
  { file, threads, settings: encode }: Pick<EncodeFileOptions, "file" | "threads" | "settings">,
  columns: TextColumns,
): Promise<readonly StageDef[]> {
  const retry: RetryWish = { kinds: null, beforeMs: Date.now() };
  return [
    textsStage({ columns, file, content: await fingerprintFile(file) }),
    encodeTextsStage({ encode, encoder: await encoderIdentity(encode), threads, retry }),
  ];
}

async function encodeParts(
  stages: readonly StageDef[],
  workDir: string,
  { cacheDir, threads, memoryMb, signal, onEvent }: EncodeFileOptions,
): Promise<Catalog> {
  const executor = localExecutor({ runDir: workDir, cacheDir, threads, memoryMb });
  try {
    return await runStages({ runDir: workDir, stages, executor, isRepair: true, signal, onEvent });
  } finally {
    await executor.close();
  }
}
