import { mkdir, rename, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { appendDurably, namesIn } from "../../base/files/durable-file.ts";
import { lineText, readFileLines } from "../read-lines.ts";
import { serviceAddress } from "./queued-request.ts";
import type { QueueEntry } from "./read-queue.ts";

const requestFile = z.strictObject({
  name: z.string(),
  model: z.string(),
  service: serviceAddress.nullable(),
  requests: z.int(),
});

/** A file of requests, `<name>.requests.jsonl`. `service` is null when the user runs the batch. */
export type RequestFile = z.output<typeof requestFile>;

/** A request and the last file it went into. */
export interface Submission {
  readonly promptVersion: string;
  readonly file: RequestFile;
  /** How many files it has been in. */
  readonly attempts: number;
  /** Why it came back without an answer; null until it does. */
  readonly fault: string | null;
  /** Highest cost, US dollars; null when no price was known, or it was written by an earlier version. */
  readonly mostCostUsd: number | null;
}

type Asked = Pick<Submission, "promptVersion" | "mostCostUsd">;

/** The memory of a batch folder over all sessions: which requests were written, and which came back unanswered. */
export interface BatchLedger {
  readonly get: (key: string) => Submission | null;
  /** Whether a written request may still be answered, so that it must not be written again. */
  readonly isOpen: (key: string) => boolean;
  /** The files whose answers may still come, by name. */
  readonly openFiles: () => readonly RequestFile[];
  /** Whether every request of a file is answered or came back unanswered; also for a file that nobody waits for any more. */
  readonly isWhole: (
    name: string,
    isAnswered: (key: string) => Promise<boolean>,
  ) => Promise<boolean>;
  /** An unused name for a new file: `0003-<model>`. */
  readonly newName: (model: string) => string;
  /** Publishes a finished draft under the file's name. */
  readonly add: (
    draft: string,
    file: RequestFile,
    requests: readonly Pick<QueueEntry, "key" | "promptVersion" | "mostCostUsd">[],
  ) => Promise<void>;
  /** Marks requests of a file to be retried; those already in a later file are left alone. */
  readonly fail: (file: string | null, faults: ReadonlyMap<string, string>) => Promise<void>;
  /** Stops waiting for a file: its unanswered requests may be written again. */
  readonly close: (name: string, then: "keep" | "remove") => Promise<void>;
}

/** A file of requests, or one that is still being written: whatever else lies in the folder is not touched. */
const ownName = /^\d{4,}-[A-Za-z0-9._-]{1,60}\.(tmp|requests\.jsonl)$/;

/** The end of the name of a file of requests. */
export const requestsSuffix = ".requests.jsonl";

const asked = z.tuple([
  z.literal("asked"),
  z.string(),
  z.string(),
  z.string(),
  z.number().nullable().optional(),
]);
const written = z.tuple([z.literal("written"), requestFile]);
const failed = z.tuple([z.literal("failed"), z.string(), z.string(), z.string()]);
const entry = z.union([asked, written, failed]);

/**
 * Opens the append-only ledger of a folder: `ledger`, one JSON array per line. A file counts from its "written" line on, which follows
 * the file itself; what a crash left before that line is removed.
 *
 * @throws FlowError `RUN_INVALID` for a damaged line
 */
export async function openBatchLedger(batchDir: string): Promise<BatchLedger> {
  await mkdir(batchDir, { recursive: true });
  const path = join(batchDir, "ledger");
  const names = await namesIn(batchDir);
  const submissions = new Map<string, Submission>();
  const files = new Map<string, RequestFile>();
  let drafts = new Map<string, Asked>();
  let highest = 0;

  const count = (name: string): void => {
    highest = Math.max(highest, Number.parseInt(name, 10) || 0);
  };
  const commit = (file: RequestFile, requests: Iterable<readonly [string, Asked]>): void => {
    files.set(file.name, file);
    for (const [key, request] of requests) {
      const attempts = (submissions.get(key)?.attempts ?? 0) + 1;
      submissions.set(key, { ...request, file, attempts, fault: null });
    }
  };
  const note = (key: string, file: string, fault: string): void => {
    const known = submissions.get(key);
    if (known?.file.name === file) submissions.set(key, { ...known, fault });
  };

  if (names.includes("ledger")) {
    let draftOf = "";
    for await (const line of readFileLines(path)) {
      if (!line.isWhole) {
        await truncate(path, line.offset);
        break;
      }
      const read = entry.safeParse(jsonOrNull(lineText(line)));
      if (!read.success) {
        const cure = "Move the folder away to start its batches again.";
        throw new FlowError("RUN_INVALID", `${path}: line ${line.number} is damaged. ${cure}`);
      }
      switch (read.data[0]) {
        case "asked": {
          const [, key, promptVersion, name, mostCostUsd = null] = read.data;
          if (name !== draftOf) drafts = new Map();
          draftOf = name;
          drafts.set(key, { promptVersion, mostCostUsd });
          count(name);
          break;
        }
        case "written":
          commit(read.data[1], drafts);
          drafts = new Map();
          break;
        case "failed":
          note(read.data[1], read.data[2], read.data[3]);
          break;
        default:
          read.data[0] satisfies never;
      }
    }
  }

  const open = new Set<string>();
  for (const name of names) {
    count(name);
    if (ownName.test(name) && name.endsWith(".tmp")) await rm(join(batchDir, name));
    if (!name.endsWith(requestsSuffix)) continue;
    const base = name.slice(0, -requestsSuffix.length);
    if (files.has(base)) open.add(base);
    else if (ownName.test(name)) await rm(join(batchDir, name));
  }

  return {
    get: (key) => submissions.get(key) ?? null,
    isOpen: (key) => {
      const known = submissions.get(key);
      return known !== undefined && known.fault === null && open.has(known.file.name);
    },
    openFiles: () => [...files.values()].filter(({ name }) => open.has(name)),
    isWhole: async (name, isAnswered) => {
      if (!open.has(name)) return true;
      for (const [key, { file, fault }] of submissions) {
        if (file.name === name && fault === null && !(await isAnswered(key))) return false;
      }
      return true;
    },
    newName: (model) => {
      highest += 1;
      const slug = model.replace(/[^A-Za-z0-9._-]+/g, "-").slice(-60);
      return `${String(highest).padStart(4, "0")}-${slug}`;
    },
    add: async (draft, file, requests) => {
      const lines = requests.map(({ key, promptVersion, mostCostUsd }) =>
        JSON.stringify(["asked", key, promptVersion, file.name, mostCostUsd]),
      );
      await appendDurably(path, `${lines.join("\n")}\n`);
      await rename(draft, join(batchDir, `${file.name}${requestsSuffix}`));
      await appendDurably(path, `${JSON.stringify(["written", file])}\n`);
      commit(
        file,
        requests.map(({ key, promptVersion, mostCostUsd }) => [
          key,
          { promptVersion, mostCostUsd },
        ]),
      );
      open.add(file.name);
    },
    fail: async (file, faults) => {
      const lines: string[] = [];
      for (const [key, fault] of faults) {
        const last = submissions.get(key)?.file.name;
        if (last === undefined || (file !== null && file !== last)) continue;
        note(key, last, fault);
        lines.push(JSON.stringify(["failed", key, last, fault]));
      }
      if (lines.length > 0) await appendDurably(path, `${lines.join("\n")}\n`);
    },
    close: async (name, then) => {
      if (!open.delete(name)) return;
      const requests = join(batchDir, `${name}${requestsSuffix}`);
      if (then === "keep") await rename(requests, `${requests}.imported`);
      else await rm(requests);
    },
  };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
