/** @file Runs by their place: a folder, or `s3://bucket/prefix`. */
import { join, relative, resolve } from "node:path";
import type { NamedFile } from "../../flow/file-check.ts";
import { isStoreUri, openRunStore } from "../../flow/store/open-run-store.ts";
import { leaseHolder } from "../../flow/store/run-lease.ts";
import { withWorkingCopy, type WorkOptions } from "../../flow/store/with-working-copy.ts";
import type { WantedFiles, WorkingCopy } from "../../flow/store/working-copy.ts";
import { userCacheDir } from "../user-cache-dir.ts";
import { sayLine } from "../terminal.ts";

/** What a command needs of a run. */
export interface RunNeeds {
  /** `state`: how far it is. `tables`: what SQL reads. `files`: also models and adapters. `all`: also answers, vectors and checkpoints. */
  readonly files: WantedFiles | keyof typeof wantedBy;
  /** Default `read`. */
  readonly mode?: WorkOptions["mode"];
  readonly say?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** A run as a command uses it. */
export interface PlacedRun {
  /** Absolute. */
  readonly runDir: string;
  /** Null where the run is a folder of this machine. */
  readonly copy: WorkingCopy | null;
  /** Aborts when the work would be in vain. */
  readonly stop: AbortSignal;
  /** Where a file of the run is, for messages. `path`: relative to the run folder, with forward slashes. */
  readonly shown: (path: string) => string;
  /** Describes the process that is writing the run in its store; null where there is none, or no store. */
  readonly holder: () => Promise<string | null>;
}

/** Bytes of fetched files that are kept on this machine. */
const cacheBytes = 20e9;

/**
 * Runs `use` on a run, wherever it is. What a store holds is copied to a folder of this machine as far as it is needed.
 *
 * @param place - As the user gave it
 */
export async function withRunAt<T>(
  place: string,
  { files, mode = "read", say = sayLine, signal }: RunNeeds,
  use: (run: PlacedRun) => Promise<T>,
): Promise<T> {
  if (!isStoreUri(place)) {
    const runDir = resolve(place);
    const shown = (path: string): string => relative(process.cwd(), join(runDir, path));
    const stop = new AbortController().signal;
    return use({ runDir, copy: null, stop, shown, holder: () => Promise.resolve(null) });
  }
  // On Node 20 the SDK would print with every command that it will not be kept up to date there.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const store = await openRunStore(place, { environment: process.env, isWritten: mode !== "read" });
  try {
    const cacheDir = join(userCacheDir(), "stores");
    const work = {
      wanted: typeof files === "string" ? wantedBy[files] : files,
      mode,
      cacheDir,
      cacheBytes,
      onNote: say,
    };
    return await withWorkingCopy(store, { ...work, ...(signal && { signal }) }, (copy, stop) =>
      use({
        ...{ runDir: copy.dir, copy, stop },
        shown: (path) => `${store.name}/${path}`,
        holder: () => leaseHolder(store),
      }),
    );
  } finally {
    await store.close();
  }
}

const isState = (path: string): boolean => !/^(cache|checkpoints|batches)\//.test(path);

const wantedBy = {
  state: { path: isState, named: () => false },
  tables: { path: isState, named: ({ path }: NamedFile) => path.startsWith("tables/") },
  files: { path: isState, named: () => true },
  all: { named: () => true },
} satisfies Readonly<Record<string, WantedFiles>>;
