/** @file Whether a run's files still hold what was committed. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { nullIfMissing } from "../base/files/durable-file.ts";
import { FlowError, reasonOf } from "../base/errors.ts";
import { shellWord } from "../base/shell-word.ts";

/** A file as a manifest names it. */
export interface NamedFile {
  /** Relative to the run folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Of the file's content, in hexadecimal. */
  readonly sha256: string;
}

/** What is wrong with a file. */
export interface FileFault {
  /** A sentence about "it". */
  readonly fault: string;
  /** Whether only its content tells: readers before it was checked may not have noticed. */
  readonly isContent: boolean;
}

/** Checks a run's files when they are read: the size always, the content once. */
export interface FileCheck {
  /** @throws `RUN_INVALID` naming the first file that is missing or damaged, and the cure */
  readonly require: (files: readonly NamedFile[]) => Promise<void>;
  /** Null for a file that is as it was written. */
  readonly faultOf: (file: NamedFile) => Promise<FileFault | null>;
  /** Takes files for whole whose content was just read back. */
  readonly trust: (files: readonly NamedFile[]) => void;
}

/** A check for one run folder. Use one per process, so that no content is read twice. */
export function fileCheck(runDir: string): FileCheck {
  /** Hashes of contents by path, read or being read. */
  const contents = new Map<string, Promise<string>>();
  const faultOf = async (file: NamedFile): Promise<FileFault | null> => {
    const fault = await sizeFault(runDir, file);
    if (fault !== null) return { fault, isContent: false };
    const content = contents.get(file.path) ?? sha256OfFile(join(runDir, file.path));
    contents.set(file.path, content);
    try {
      if ((await content) === file.sha256) return null;
      return { fault: "its content is not what was written", isContent: true };
    } catch (error) {
      return { fault: `it cannot be read (${reasonOf(error)})`, isContent: false };
    }
  };
  return {
    faultOf,
    require: async (files) => {
      for (const file of files) {
        const found = await faultOf(file);
        if (found !== null) throw damaged(runDir, join(runDir, file.path), found.fault);
      }
    },
    trust: (files) => {
      for (const { path, sha256 } of files) contents.set(path, Promise.resolve(sha256));
    },
  };
}

/** What is wrong with a file by its size alone; null when nothing is. */
export async function sizeFault(
  runDir: string,
  { path, bytes }: Pick<NamedFile, "path" | "bytes">,
): Promise<string | null> {
  const found = await stat(join(runDir, path)).catch(nullIfMissing);
  if (found === null) return "it is missing";
  if (found.size === bytes) return null;
  return `it has ${found.size.toLocaleString("en")} bytes, ${bytes.toLocaleString("en")} were written`;
}

/** The error for a file of a run that is missing or not as it was written. */
export function damaged(runDir: string, path: string, fault: string): FlowError {
  return new FlowError("RUN_INVALID", `${path}: ${fault}. ${repairCure(runDir)}`);
}

/**
 * The command that mends a run, as a sentence.
 *
 * @param settings - Its pipeline file. Default: the one in the run folder
 */
export function repairCure(runDir: string, settings = join(runDir, "pipeline.yaml")): string {
  const command = [settings, "--out", runDir].map(shellWord).join(" ");
  return `Mend the run with: r4ec run ${command} --repair (it redoes the tasks that wrote what is damaged, and what follows from them)`;
}

/** SHA-256 of a file's content, in hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}
