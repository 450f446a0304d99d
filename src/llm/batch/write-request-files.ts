import { open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { requestBody } from "../openai/request-body.ts";
import type { BatchLedger, RequestFile } from "./batch-ledger.ts";
import { parseQueued, type QueueEntry } from "./read-queue.ts";

/** Upper limits of one file of requests. */
export interface FileLimits {
  readonly requests: number;
  readonly bytes: number;
}

/** The Batch API's limits: 50,000 requests and 200 MB per file. */
export const serviceLimits: FileLimits = { requests: 50_000, bytes: 200_000_000 };

/** The path that every request of a batch names. */
export const chatPath = "/v1/chat/completions";

const chunkChars = 1 << 20;

/**
 * Writes requests as OpenAI batch JSONL into new files of the folder, in the given order, one model and one service per file.
 * The same requests in the same folder give the same files.
 */
export async function writeRequestFiles(
  entries: readonly QueueEntry[],
  { batchDir, ledger, limits, signal }: WriteOptions,
): Promise<readonly RequestFile[]> {
  const groups = new Map<string, QueueEntry[]>();
  for (const entry of entries) {
    const group = JSON.stringify([entry.model, entry.service]);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [entry]);
    else members.push(entry);
  }
  const queue = queueReader();
  const files: RequestFile[] = [];
  try {
    for (const group of [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, all]) => all)) {
      for (let from = 0; from < group.length;) {
        const file = await writeOne(group, from, { batchDir, ledger, limits, signal }, queue.read);
        files.push(file);
        from += file.requests;
      }
    }
  } finally {
    await queue.close();
  }
  return files;
}

interface WriteOptions {
  readonly batchDir: string;
  readonly ledger: BatchLedger;
  readonly limits: FileLimits;
  readonly signal: AbortSignal;
}

/** Writes as many entries, from `from` on, as one file may hold; at least one. */
async function writeOne(
  entries: readonly QueueEntry[],
  from: number,
  { batchDir, ledger, limits, signal }: WriteOptions,
  readLine: (entry: QueueEntry) => Promise<string>,
): Promise<RequestFile> {
  const [first] = entries.slice(from, from + 1);
  if (first === undefined) throw new Error("internal: no request to write");
  const { model, service } = first;
  const name = ledger.newName(model);
  const draft = join(batchDir, `${name}.tmp`);
  const file = await open(draft, "w");
  let to = from;
  try {
    let chunk = "";
    let bytes = 0;
    for (; to < entries.length && to - from < limits.requests; to++) {
      signal.throwIfAborted();
      const entry = entries[to];
      if (entry === undefined) break;
      const { key, payload } = parseQueued(await readLine(entry), entry.path);
      const request = { custom_id: key, method: "POST", url: chatPath, body: requestBody(payload) };
      const line = `${JSON.stringify(request)}\n`;
      bytes += Buffer.byteLength(line);
      if (bytes > limits.bytes && to > from) break;
      chunk += line;
      if (chunk.length >= chunkChars) {
        await file.writeFile(chunk);
        chunk = "";
      }
    }
    await file.writeFile(chunk);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
  await file.close();
  const written = { name, model, service, requests: to - from };
  await ledger.add(draft, written, entries.slice(from, to));
  return written;
}

/** Reads the lines of queue entries, opening each file once. */
function queueReader() {
  const handles = new Map<string, FileHandle>();
  return {
    read: async ({ path, offset, bytes }: QueueEntry): Promise<string> => {
      const handle = handles.get(path) ?? (await open(path, "r"));
      handles.set(path, handle);
      const buffer = Buffer.alloc(bytes);
      await handle.read(buffer, 0, bytes, offset);
      return buffer.toString("utf8");
    },
    close: () => Promise.all([...handles.values()].map((handle) => handle.close())),
  };
}
