import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { FlowError, reasonOf } from "../../base/errors.ts";
import {
  describeHolder,
  isProcessAlive,
  markProcess,
  processMark,
} from "../../base/process-mark.ts";
import type { RunStore, StoredFile } from "./run-store.ts";
import { jsonIn } from "./store-content.ts";

/** The right to change a run in a store: one process has it at a time. */
export interface RunLease {
  /** Aborts when another process has taken the run over, because this one could not be heard for too long. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
}

export interface LeaseOptions {
  /** Told when it has to wait to see whether a holder elsewhere still lives. */
  readonly onWait?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** How often the holder gives a sign of life, ms. Default 10,000. */
  readonly beatMs?: number;
  /** A holder elsewhere that gives none for so long is gone, ms. Default 60,000. */
  readonly silentMs?: number;
}

const folder = "lock/";
const holderNote = processMark.extend({ since: z.string(), beat: z.int() });

type Holder = z.output<typeof holderNote>;

/**
 * Takes the lease of a run. A lease is a file `lock/<number>.json`, written by whoever is first, and again every ten seconds as a sign
 * of life; the greatest number holds. Clocks are not compared: whether a holder elsewhere lives is seen by whether its file changes.
 *
 * @throws `RUN_LOCKED` naming the holder when it lives
 */
export async function takeLease(
  store: RunStore,
  { onWait, signal, beatMs = 10_000, silentMs = 60_000 }: LeaseOptions = {},
): Promise<RunLease> {
  const self = {
    ...(await markProcess(process.pid)),
    since: new Date().toISOString(),
    token: randomUUID(), // by which the store tells what is ours from a lease of the same instant
  };
  const textOf = (beat: number): string => `${JSON.stringify({ ...self, beat })}\n`;
  for (;;) {
    const last = await lastLease(store);
    if (last !== null) await requireDead(store, last, { onWait, signal, beatMs, silentMs });
    const number = (last === null ? 0 : numberOf(last.key)) + 1;
    const key = keyOf(number);
    if (await store.putIfAbsent(key, textOf(0))) {
      await removeUpTo(store, number - 1);
      return holdLease(store, { key, number, textOf, beatMs });
    }
  }
}

/** Describes the process that has the lease; null where there is none, or none that has been seen to live. */
export async function leaseHolder(store: RunStore): Promise<string | null> {
  const last = await lastLease(store);
  const holder = last && (await readHolder(store, last.key));
  if (!holder || (await isProcessAlive(holder)) === false) return null;
  return describeHolder(holder);
}

function holdLease(
  store: RunStore,
  {
    key,
    number,
    textOf,
    beatMs,
  }: {
    readonly key: string;
    readonly number: number;
    readonly textOf: (beat: number) => string;
    readonly beatMs: number;
  },
): RunLease {
  const lost = new AbortController();
  const released = new AbortController();
  const isReleased = (): boolean => released.signal.aborted;
  const beating = (async () => {
    for (let beat = 1; !isReleased() && !lost.signal.aborted; beat++) {
      await delay(beatMs, undefined, { signal: released.signal, ref: false }).catch(
        () => undefined,
      );
      if (isReleased()) return;
      try {
        const last = await lastLease(store);
        if (last !== null && numberOf(last.key) > number) lost.abort();
        else await store.put(key, textOf(beat));
      } catch {
        // The store is out of reach: the work's own transfers will say so.
      }
    }
  })();
  return {
    lost: lost.signal,
    release: async () => {
      released.abort();
      await beating;
      await removeUpTo(store, number);
    },
  };
}

interface WaitOptions {
  readonly onWait: LeaseOptions["onWait"] | undefined;
  readonly signal: AbortSignal | undefined;
  readonly beatMs: number;
  readonly silentMs: number;
}

/** @throws `RUN_LOCKED` unless the holder is dead */
async function requireDead(
  store: RunStore,
  first: StoredFile,
  { onWait, signal, beatMs, silentMs }: WaitOptions,
): Promise<void> {
  const holder = await readHolder(store, first.key);
  if (holder === null) return; // released meanwhile
  const isAlive = await isProcessAlive(holder);
  if (isAlive === false) return;
  if (isAlive === true) throw locked(store, holder);
  onWait?.(
    `${store.name} was last written by ${describeHolder(holder)}: waiting up to ${Math.round(silentMs / 1000)} s to see whether that process still lives`,
  );
  for (const start = performance.now(); performance.now() - start < silentMs;) {
    await delay(Math.min(beatMs / 4, silentMs), undefined, signal && { signal }).catch(
      (error: unknown) => {
        throw new FlowError("INTERRUPTED", `interrupted: ${reasonOf(error)}`);
      },
    );
    const now = await lastLease(store);
    if (now === null) return;
    if (now.key !== first.key || now.tag !== first.tag) throw locked(store, holder);
  }
}

async function lastLease(store: RunStore): Promise<StoredFile | null> {
  let last: StoredFile | null = null;
  for await (const file of store.list(folder)) last = file; // in order of numbers
  return last;
}

async function readHolder(store: RunStore, key: string): Promise<Holder | null> {
  const content = await store.get(key);
  if (content === null) return null;
  const found = holderNote.safeParse(jsonIn(content));
  return found.success ? found.data : null;
}

/** Removes the leases up to a number; those of dead holders may come back by a last beat, and are removed by the next holder. */
async function removeUpTo(store: RunStore, number: number): Promise<void> {
  for await (const { key } of store.list(folder)) {
    if (numberOf(key) <= number) await store.delete(key);
  }
}

function keyOf(number: number): string {
  return `${folder}${String(number).padStart(10, "0")}.json`;
}

function numberOf(key: string): number {
  return Number(/(\d+)\.json$/.exec(key)?.[1] ?? 0);
}

function locked(store: RunStore, holder: Holder): FlowError {
  return new FlowError(
    "RUN_LOCKED",
    `${store.name} is being written by ${describeHolder(holder)}. Wait for it, stop it, or use another --out.`,
  );
}
