/**
 * @file What attempts at tasks may leave behind. An attempt is noted in `<run>/attempts/<id>.json` before it writes anything, and every
 * file it writes bears its id: what a kill leaves can be told from anything else that lies in the folder. The note is touched while the
 * attempt lasts, so that a driver can tell from afar which processes are still at work.
 */
import { randomUUID } from "node:crypto";
import { lstat, mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { nullIfMissing } from "../base/files/durable-file.ts";
import { makeFolderIn } from "../base/files/folder-in.ts";
import { isRealFolder, ownNames } from "../base/files/own-names.ts";
import { jsonOrNull } from "../base/json.ts";
import { isProcessAlive, markProcess, processMark } from "../base/process-mark.ts";
import type { CommitStore } from "./manifest.ts";
import { readStageManifests } from "./stage-manifest.ts";
import type { TaskSpec } from "./task.ts";

/** An attempt at a task. */
export interface Attempt {
  /** Eight hexadecimal digits. */
  readonly id: string;
  /** A new folder, absolute. */
  readonly tempDir: string;
  /** Ends the attempt: removes its scratch folder and the note about it. */
  readonly end: () => Promise<void>;
}

const noteName = /^([0-9a-f]{8})\.json$/;

const touchMs = 10_000;
/** An attempt on another machine whose note has not been touched for so long is dead, with its machine. */
const silentMs = 300_000;

/**
 * Notes an attempt and makes its scratch folder.
 *
 * @param scratchDir - Parent of the scratch folders, absolute
 */
export async function beginAttempt(
  runDir: string,
  scratchDir: string,
  { stage, key }: Pick<TaskSpec, "stage" | "key">,
): Promise<Attempt> {
  const id = randomUUID().slice(0, 8);
  const note = join(runDir, "attempts", `${id}.json`);
  const tempDir = join(scratchDir, id);
  await makeFolderIn(runDir, dirname(note));
  const owner = await markProcess(process.pid);
  await writeFile(note, `${JSON.stringify({ stage, key, ...owner })}\n`, { flag: "wx" });
  const touch = setInterval(() => {
    const now = new Date();
    utimes(note, now, now).catch(() => undefined); // the run folder may be gone; its end will say so
  }, touchMs);
  touch.unref();
  const end = async (): Promise<void> => {
    clearInterval(touch);
    await rm(tempDir, { recursive: true, force: true });
    await rm(note, { force: true });
  };
  await makeFolderIn(runDir, scratchDir);
  await mkdir(tempDir);
  return { id, tempDir, end };
}

/** The name of a part that an attempt writes. */
export function partName(task: Pick<TaskSpec, "index">, piece: number, attempt: string): string {
  const part = `part-${String(task.index).padStart(5, "0")}`;
  return `${part}${piece === 0 ? "" : `-${String(piece)}`}.${attempt}.parquet`;
}

/**
 * Deletes what noted attempts left behind: parts that no manifest names, and scratch folders. Nothing else is touched, and no symbolic
 * link is followed. The caller holds the run's lock, so that no attempt of this process is at work; those of other processes that are stay.
 */
export async function sweepAttempts(
  runDir: string,
  scratchDir: string,
  store: CommitStore,
): Promise<void> {
  const notes = await ownNames(runDir, "attempts");
  const ids = new Set<string>();
  for (const name of notes) {
    const [, id] = noteName.exec(name) ?? [];
    if (id !== undefined && !(await isAtWork(join(runDir, "attempts", name)))) ids.add(id);
  }
  if (ids.size === 0) return;
  const manifests = [...(await store.all()), ...(await readStageManifests(runDir))];
  const named = new Set(manifests.flatMap(({ files }) => files.map(({ path }) => path)));
  for (const table of await ownNames(runDir, "tables")) {
    for (const name of await ownNames(runDir, "tables", table)) {
      const [, id = ""] =
        /^part-\d{5}(?:-\d+)?\.([0-9a-f]{8})\.parquet(?:\.buckets)?$/.exec(name) ?? [];
      const path = `tables/${table}/${name}`;
      if (ids.has(id) && !named.has(path)) await removeOwn(join(runDir, path));
    }
  }
  for (const id of ids) {
    for (const folder of new Set([scratchDir, join(runDir, "tmp")])) {
      if (await isRealFolder(folder)) await removeOwn(join(folder, id));
    }
    await rm(join(runDir, "attempts", `${id}.json`), { force: true });
  }
}

/** Whether another process is still at an attempt, by its note. */
async function isAtWork(note: string): Promise<boolean> {
  const text = await readFile(note, "utf8").catch(nullIfMissing);
  const owner = processMark.safeParse(jsonOrNull(text ?? ""));
  if (!owner.success) return false; // a note of before processes elsewhere made attempts
  const isAlive = await isProcessAlive(owner.data);
  if (isAlive !== null) return isAlive && owner.data.pid !== process.pid;
  const found = await stat(note).catch(nullIfMissing);
  return found !== null && Date.now() - found.mtimeMs < silentMs;
}

/** Removes a file, or a folder with what is in it. What a symbolic link leads to stays. */
async function removeOwn(path: string): Promise<void> {
  if (await isRealFolder(path)) await rm(path, { recursive: true, force: true });
  else if ((await lstat(path).catch(nullIfMissing))?.isFile() === true) await rm(path);
}
