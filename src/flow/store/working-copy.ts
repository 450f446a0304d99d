import type { BigIntStats } from "node:fs";
import { mkdir, open, readFile, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { nullIfMissing, replaceFile } from "../../base/files/durable-file.ts";
import { limitConcurrency } from "../../base/limit-concurrency.ts";
import type { NamedFile } from "../file-check.ts";
import { filesNamedIn } from "./named-files.ts";
import type { PartCache } from "./part-cache.ts";
import type { RunStore } from "./run-store.ts";
import { keyOfNamed, keyOfPiece, pieceOf, storedKind } from "./stored-path.ts";

/** What a process needs of a run. */
export interface WantedFiles {
  /** Whether it reads or writes a file of a kind other than `named`. Default: all. */
  readonly path?: (path: string) => boolean;
  /** Whether it reads a part, a model or an adapter that some manifest names. */
  readonly named: (file: NamedFile) => boolean;
}

/**
 * A folder with the files of a run that a store holds. Whoever works in it needs to know nothing of the store; what was written there
 * is brought to the store by {@link WorkingCopy.push}, and counts by {@link WorkingCopy.publish}.
 */
export interface WorkingCopy {
  /** Of the store. */
  readonly name: string;
  /** Absolute. */
  readonly dir: string;
  /** Takes over what others have written or removed since, below some prefixes. Files that this process has written stay as they are. */
  readonly pull: (prefixes?: readonly string[]) => Promise<void>;
  /** Fetches parts, models or adapters that a manifest names, wanted or not. @throws `RUN_INVALID` where one is missing */
  readonly fetch: (files: readonly NamedFile[]) => Promise<void>;
  /** Brings to the store what was written here, and removes there what was removed here. */
  readonly push: () => Promise<void>;
  /**
   * Commits in the store a task that was committed here: its files first, then its manifest. Where another attempt was first, what that
   * one wrote replaces what is here.
   */
  readonly publish: (task: { readonly stage: string; readonly key: string }) => Promise<void>;
  /** Whether a file of the store that is no part, model or adapter is here as well. */
  readonly isKnown: (path: string) => boolean;
  /** Keys in the store of the parts, models and adapters that the manifests here name. */
  readonly namedKeys: () => ReadonlySet<string>;
}

/** What is known of a file that is in the store and here. */
interface Known {
  /** As the store tells it; null where this process wrote it last. */
  tag: string | null;
  /** The state of the file here when both were the same: size and time of its last change. */
  local: string;
  /** Bytes in the store; only of segments. */
  bytes: number;
}

interface LocalFile {
  readonly path: string;
  readonly state: string;
  readonly bytes: number;
}

/** How often a copy is begun anew when files vanish while it is made: their run is being changed. */
const copyTries = 5;

/** Most bytes of a piece of a segment. A line is never longer. */
const pieceBytes = 64 * 2 ** 20;

/** Small files that are fetched at a time. */
const transfersAtOnce = 16;

const isStage = (path: string): boolean => storedKind(path) === "stage";

/**
 * Makes a working copy: fetches what is wanted.
 *
 * @param dir - An empty folder, absolute
 */
export async function openWorkingCopy(
  store: RunStore,
  dir: string,
  wanted: WantedFiles,
  parts: PartCache,
): Promise<WorkingCopy> {
  const known = new Map<string, Known>();
  /** Keys of the store's parts, models and adapters, by who names them there. */
  const published = new Map<string, readonly NamedFile[]>();
  /** Those that are in the store. */
  const uploaded = new Set<string>();
  const isWanted = wanted.path ?? ((): boolean => true);
  const localPath = (path: string): string => join(dir, ...path.split("/"));

  /** @returns The first file that is missing in the store; null when there is none */
  const fetchNamed = async (files: readonly NamedFile[]): Promise<NamedFile | null> => {
    for (const file of files) {
      const path = localPath(file.path);
      if ((await stat(path).catch(nullIfMissing)) !== null) continue;
      if (!(await parts.fetch(store, file, path))) return file;
    }
    return null;
  };

  /**
   * Writes a small file of the store here, after all that it names.
   *
   * @param isLast - Whether it is taken even if something that it names is missing: who reads that will say so, and `--repair` mends it
   * @returns False where it, or one of these, has vanished
   */
  const take = async (path: string, tag: string, isLast: boolean): Promise<boolean> => {
    const content = await store.get(path);
    if (content === null) return false;
    const named = filesNamedIn(path, content);
    if ((await fetchNamed(named.filter(wanted.named))) !== null) {
      if (!isLast) return false; // a driver may be replacing it
    } else for (const file of named) uploaded.add(keyOfNamed(file));
    await replaceFile(localPath(path), content);
    if (named.length > 0) published.set(path, named);
    known.set(path, { tag, local: await stateOf(localPath(path)), bytes: content.length });
    return true;
  };

  const takeSegments = async (pieces: ReadonlyMap<string, readonly string[]>): Promise<void> => {
    for (const [segment, keys] of pieces) {
      const before = known.get(segment)?.bytes ?? 0;
      const path = localPath(segment);
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, "a");
      let bytes = before;
      try {
        for (const key of keys) {
          if ((pieceOf(key)?.offsetBytes ?? 0) < bytes) continue;
          const content = await store.get(key);
          if (content === null) break; // removed meanwhile: the answers are asked again
          await file.appendFile(content);
          bytes += content.length;
        }
      } finally {
        await file.close();
      }
      known.set(segment, { tag: "", local: await stateOf(path), bytes });
    }
  };

  const isChangedHere = async (path: string, { local }: Known): Promise<boolean> =>
    (await stateOf(localPath(path))) !== local;

  const pull = async (prefixes: readonly string[], isLast: boolean): Promise<boolean> => {
    const seen = new Map<string, string>();
    const pieces = new Map<string, string[]>();
    for (const prefix of prefixes) {
      for await (const { key, tag } of store.list(prefix)) {
        const segment = pieceOf(key)?.segment;
        if (!isWanted(segment ?? key)) continue;
        if (segment !== undefined) {
          seen.set(segment, "");
          const keys = pieces.get(segment);
          if (keys === undefined) pieces.set(segment, [key]);
          else keys.push(key);
        } else if (["manifest", "plain", "stage"].includes(storedKind(key))) seen.set(key, tag);
      }
    }
    await takeSegments(new Map([...pieces].filter(([path]) => known.get(path)?.tag !== null)));
    // Manifests of stages last: they name what the others have brought.
    const files = [...seen].filter(([path]) => !pieces.has(path));
    for (const some of [
      files.filter(([path]) => !isStage(path)),
      files.filter(([path]) => isStage(path)),
    ]) {
      const taken = await limitConcurrency(
        transfersAtOnce,
        some.map(([path, tag]) => async () => {
          const before = known.get(path);
          if (before?.tag === null || before?.tag === tag) return true;
          if (before !== undefined && (await isChangedHere(path, before))) return true;
          return take(path, tag, isLast);
        }),
      );
      if (taken.includes(false)) return false;
    }
    for (const [path, before] of known) {
      if (seen.has(path) || before.tag === null) continue;
      if (!prefixes.some((prefix) => path.startsWith(prefix))) continue;
      if (await isChangedHere(path, before)) continue;
      await rm(localPath(path), { force: true });
      known.delete(path);
    }
    return true;
  };

  const publish = async (path: string): Promise<void> => {
    const content = await readFile(localPath(path));
    const named = filesNamedIn(path, content);
    const fresh = named.filter((file) => !uploaded.has(keyOfNamed(file)));
    for (const file of fresh) {
      await store.upload(keyOfNamed(file), localPath(file.path));
      uploaded.add(keyOfNamed(file));
      await parts.keep(file, localPath(file.path));
    }
    if (await store.putIfAbsent(path, content)) {
      published.set(path, named);
      known.set(path, { tag: null, local: await stateOf(localPath(path)), bytes: content.length });
      return;
    }
    const winner = await store.get(path);
    if (winner === null) throw new FlowError("RUN_INVALID", `${store.name}/${path} vanished`);
    const kept = new Set(filesNamedIn(path, winner).map(keyOfNamed));
    for (const file of fresh.filter((one) => !kept.has(keyOfNamed(one)))) {
      await store.delete(keyOfNamed(file));
      uploaded.delete(keyOfNamed(file));
      await rm(localPath(file.path), { force: true });
    }
    await rm(localPath(path), { force: true });
    if (!(await take(path, "", true)))
      throw new FlowError("RUN_INVALID", `${store.name}/${path} vanished`);
  };

  const pushSegment = async ({ path, bytes }: LocalFile): Promise<void> => {
    for (let from = known.get(path)?.bytes ?? 0; from < bytes;) {
      const piece = await wholeLines(localPath(path), from, Math.min(bytes, from + pieceBytes));
      if (piece.length === 0) return;
      await store.put(keyOfPiece(path, from), piece);
      from += piece.length;
      known.set(path, { tag: null, local: "", bytes: from });
    }
  };

  const push = async (): Promise<void> => {
    const files = (await localFiles(dir)).filter(({ path }) => isWanted(path));
    const changed = files.filter(({ path, state }) => known.get(path)?.local !== state);
    const of = (kind: string): readonly LocalFile[] =>
      changed.filter(({ path }) => storedKind(path) === kind);
    for (const file of of("segment")) await pushSegment(file);
    for (const { path } of of("manifest")) await publish(path);
    const replaced: NamedFile[] = [];
    for (const { path, state, bytes } of [...of("plain"), ...of("stage")]) {
      const content = await readFile(localPath(path)).catch(nullIfMissing);
      if (content === null) continue; // removed meanwhile
      await store.put(path, content);
      replaced.push(...(published.get(path) ?? []));
      published.set(path, filesNamedIn(path, content));
      known.set(path, { tag: null, local: state, bytes });
    }
    const here = new Set(files.map(({ path }) => path));
    const gone = [...known.keys()].filter((path) => !here.has(path));
    for (const path of [...gone.filter(isStage), ...gone.filter((one) => !isStage(one))]) {
      if (storedKind(path) === "segment") {
        for await (const { key } of store.list(`${path}/`)) await store.delete(key);
      } else await store.delete(path);
      known.delete(path);
    }
    replaced.push(...gone.flatMap((path) => published.get(path) ?? []));
    for (const path of gone) published.delete(path);
    await deleteUnnamed(replaced);
  };

  const namedKeys = (): ReadonlySet<string> =>
    new Set([...published.values()].flat().map(keyOfNamed));

  /** Removes from the store those of former parts that no manifest names any more. */
  const deleteUnnamed = async (former: readonly NamedFile[]): Promise<void> => {
    if (former.length === 0) return;
    const named = namedKeys();
    for (const key of new Set(former.map(keyOfNamed))) {
      if (named.has(key)) continue;
      await store.delete(key);
      uploaded.delete(key);
    }
  };

  // One at a time: they change what is known of the same files.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(act, act);
    last = next.catch(() => undefined);
    return next;
  };

  for (let attempt = 1; !(await pull([""], attempt === copyTries)); attempt++) {
    if (attempt === copyTries) {
      throw new FlowError(
        "RUN_INVALID",
        `${store.name} is being changed by another process: its files vanish while they are read. Try again.`,
      );
    }
  }

  return {
    name: store.name,
    dir,
    pull: (prefixes = [""]) =>
      inTurn(async () => {
        await pull(prefixes, false);
      }),
    fetch: (files) =>
      inTurn(async () => {
        const missing = await fetchNamed(files);
        if (missing === null) return;
        throw new FlowError(
          "RUN_INVALID",
          `${store.name}/${keyOfNamed(missing)} is missing. Run the pipeline file of this run again with --repair.`,
        );
      }),
    push: () => inTurn(push),
    publish: ({ stage, key }) =>
      inTurn(async () => {
        const path = `manifests/${stage}/${key}.json`;
        if (!known.has(path)) await publish(path);
      }),
    isKnown: (path) => known.has(path),
    namedKeys,
  };
}

/** The bytes of a file from one place up to the last end of a line before another. */
async function wholeLines(path: string, from: number, to: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(to - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    return buffer.subarray(0, buffer.subarray(0, bytesRead).lastIndexOf("\n") + 1);
  } finally {
    await file.close();
  }
}

/** Differs once a file has changed. Empty where there is none. */
async function stateOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(nullIfMissing);
  return found === null ? "" : stateIn(found);
}

function stateIn({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ino}`;
}

/** The files of a run folder that are brought to a store by looking for them; manifests tell of the others. */
async function localFiles(dir: string, below = ""): Promise<readonly LocalFile[]> {
  const entries = await readdir(join(dir, below), { withFileTypes: true });
  const found: LocalFile[] = [];
  for (const entry of entries) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    const kind = storedKind(entry.isDirectory() ? `${path}/` : path);
    if (kind === "local" || kind === "named") continue;
    if (entry.isDirectory()) found.push(...(await localFiles(dir, path)));
    else if (entry.isFile()) {
      const file = await stat(join(dir, path), { bigint: true }).catch(nullIfMissing);
      if (file !== null) found.push({ path, state: stateIn(file), bytes: Number(file.size) });
    }
  }
  return found;
}
