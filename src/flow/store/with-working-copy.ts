import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { withTemporaryFolder } from "../../base/files/temporary-folder.ts";
import { collectOrphans } from "./collect-orphans.ts";
import { partCache } from "./part-cache.ts";
import { takeLease } from "./run-lease.ts";
import type { RunStore } from "./run-store.ts";
import { openWorkingCopy, type WantedFiles, type WorkingCopy } from "./working-copy.ts";

export interface WorkOptions {
  readonly wanted: WantedFiles;
  /** Folder on this machine for copies and for what was fetched. Absolute. */
  readonly cacheDir: string;
  /** Most bytes of what was fetched that are kept for later. */
  readonly cacheBytes: number;
  /**
   * - `read`: nothing is brought to the store.
   * - `write`: what was written is, in the end.
   * - `work`: also every {@link flushMs}.
   * - `drive`: the same, with the run's lease, which one process has at a time.
   */
  readonly mode: "read" | "write" | "work" | "drive";
  readonly onNote: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Default 10,000. */
  readonly flushMs?: number;
  /** Of the lease, see {@link takeLease}. */
  readonly beatMs?: number;
}

/** After so long, ms, what a process has written is in the store, even if its machine vanishes then. */
export const flushMs = 10_000;

/**
 * Runs `use` in a working copy of a store's run. Messages of errors name files by their place in the store.
 *
 * @param use - Is aborted when the store cannot be written any more, or when another process has taken over the run
 */
export async function withWorkingCopy<T>(
  store: RunStore,
  options: WorkOptions,
  use: (copy: WorkingCopy, stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const { wanted, mode, onNote, signal, beatMs } = options;
  const lease =
    mode === "drive"
      ? await takeLease(store, {
          ...{ onWait: onNote, ...(signal && { signal }) },
          ...(beatMs !== undefined && { beatMs }),
        })
      : null;
  const workIn = async (folder: string): Promise<T> => {
    const dir = join(folder, lastName(store.name));
    await mkdir(dir);
    const parts = partCache(join(options.cacheDir, "parts"), options.cacheBytes);
    try {
      const copy = await openWorkingCopy(store, dir, wanted, parts);
      const made = await keepPushing(copy, { ...options, lost: lease?.lost }, use);
      if (mode === "drive") await collectOrphans(store, copy);
      return made;
    } catch (error) {
      throw renamed(error, dir, store.name);
    }
  };
  try {
    return await withTemporaryFolder("copy", workIn, join(options.cacheDir, "copies"));
  } finally {
    await lease?.release();
  }
}

/** Runs `use`, and brings what it writes to the store, meanwhile and in the end, as the mode has it. */
async function keepPushing<T>(
  copy: WorkingCopy,
  options: WorkOptions & { readonly lost: AbortSignal | undefined },
  use: (copy: WorkingCopy, stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const { mode, lost } = options;
  const stop = new AbortController();
  const giveUp = (): void => {
    stop.abort(
      new FlowError(
        "RUN_LOCKED",
        `another process has taken over ${copy.name}: this one could not be heard for a minute`,
      ),
    );
  };
  lost?.addEventListener("abort", giveUp);
  if (lost?.aborted === true) giveUp();
  const isWorking = mode === "work" || mode === "drive";
  const flushing = isWorking ? flushEvery(options.flushMs ?? flushMs, copy, stop) : null;
  try {
    const made = await use(copy, stop.signal);
    stop.signal.throwIfAborted();
    return made;
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    await flushing?.end();
    if (mode !== "read" && !stop.signal.aborted) await copy.push();
  }
}

/** Pushes again and again, and aborts `stop` once that fails. */
function flushEvery(
  everyMs: number,
  copy: WorkingCopy,
  stop: AbortController,
): { readonly end: () => Promise<void> } {
  let pushing: Promise<void> | null = null;
  const timer = setInterval(() => {
    pushing ??= copy
      .push()
      .catch((error: unknown) => {
        stop.abort(error);
      })
      .finally(() => {
        pushing = null;
      });
  }, everyMs);
  return {
    end: async () => {
      clearInterval(timer);
      await pushing;
    },
  };
}

/** An error that names the store instead of the working copy, which is gone when it is read. */
function renamed(error: unknown, dir: string, name: string): unknown {
  if (!(error instanceof FlowError) || !error.message.includes(dir)) return error;
  const message = error.message
    .replaceAll(`r4ec run ${join(dir, "pipeline.yaml")}`, "r4ec run PIPELINE.yaml")
    .replaceAll(dir, name);
  return new FlowError(error.code, message, { cause: error });
}

function lastName(name: string): string {
  return name.split("/").findLast((part) => part !== "") ?? "run";
}
