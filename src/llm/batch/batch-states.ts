import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FlowError, reasonOf } from "../../base/errors.ts";
import { namesIn, replaceFile } from "../../base/files/durable-file.ts";
import { serviceAddress } from "./queued-request.ts";

const uploaded = z.strictObject({ file: z.string(), inputFileId: z.string() });
const submitted = z.strictObject({
  batchId: z.string(),
  file: z.string(),
  inputFileId: z.string(),
  model: z.string(),
  requests: z.int(),
  service: serviceAddress,
});

/** A file of requests that was uploaded to a service; its batch may or may not have been created. */
export type UploadedFile = z.output<typeof uploaded>;

/** A batch that a service has accepted and whose answers are not imported yet. */
export type SubmittedBatch = z.output<typeof submitted>;

const uploadedSuffix = ".uploaded.json";
const stateSuffix = ".batch.json";

/** Uploads and batches of a batch folder: `<file>.uploaded.json` between upload and batch, then `<batch id>.batch.json`. */
export interface BatchStates {
  readonly uploads: () => readonly UploadedFile[];
  readonly batches: () => readonly SubmittedBatch[];
  readonly noteUpload: (upload: UploadedFile) => Promise<void>;
  /** Replaces the note of its upload. */
  readonly noteBatch: (batch: SubmittedBatch) => Promise<void>;
  /** Renames the state to `<batch id>.batch.json.<outcome>`. */
  readonly end: (batch: SubmittedBatch, outcome: "imported" | "failed") => Promise<void>;
  readonly pathOf: (batch: SubmittedBatch) => string;
  readonly pathOfUpload: (file: string) => string;
}

/**
 * Reads the states of a folder.
 *
 * @throws FlowError `RUN_INVALID` for a damaged file
 */
export async function openBatchStates(batchDir: string): Promise<BatchStates> {
  const uploads = new Map<string, UploadedFile>();
  const batches = new Map<string, SubmittedBatch>();
  const pathOfUpload = (file: string): string => join(batchDir, `${file}${uploadedSuffix}`);
  const pathOf = ({ batchId }: SubmittedBatch): string =>
    join(batchDir, `${batchId.replaceAll(":", "_")}${stateSuffix}`);
  const forget = async (file: string): Promise<void> => {
    uploads.delete(file);
    await rm(pathOfUpload(file), { force: true });
  };
  for (const name of await namesIn(batchDir)) {
    const path = join(batchDir, name);
    if (name.endsWith(uploadedSuffix)) {
      const upload = await read(path, uploaded);
      uploads.set(upload.file, upload);
    } else if (name.endsWith(stateSuffix)) {
      const batch = await read(path, submitted);
      batches.set(batch.batchId, batch);
    }
  }
  for (const { file } of batches.values()) await forget(file);
  return {
    uploads: () => [...uploads.values()],
    batches: () => [...batches.values()],
    noteUpload: async (upload) => {
      await replaceFile(pathOfUpload(upload.file), json(upload));
      uploads.set(upload.file, upload);
    },
    noteBatch: async (batch) => {
      await replaceFile(pathOf(batch), json(batch));
      batches.set(batch.batchId, batch);
      await forget(batch.file);
    },
    end: async (batch, outcome) => {
      await rename(pathOf(batch), `${pathOf(batch)}.${outcome}`);
      batches.delete(batch.batchId);
    },
    pathOf,
    pathOfUpload,
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    throw new FlowError(
      "RUN_INVALID",
      `${path} is damaged: ${reasonOf(error)}. Remove it to submit its requests again.`,
      { cause: error },
    );
  }
}
