/** @file The mark by which a folder is known as one of r4ec's: only such a folder is written to and cleaned up. */
import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { hasCode, namesIn, nullIfMissing, replaceFile } from "../base/files/durable-file.ts";
import { FlowError, reasonOf } from "../base/errors.ts";
import { jsonOrNull } from "../base/json.ts";
import { packageVersion } from "../base/package-version.ts";

/** Name of the mark in its folder. */
export const markName = "r4ec-run.json";

const runMark = z.object({
  /** `run`: of `r4ec run`. `encode`: the work folder of `r4ec encode`, deleted when it is done. `finetune`: of `r4ec finetune`. */
  kind: z.enum(["run", "encode", "finetune"]),
  format: z.literal(1),
  /** The version that made the folder. */
  r4ec: z.string(),
  /** ISO 8601, UTC. */
  madeAt: z.string(),
});

/** What a marked folder is. */
export type MarkedKind = z.output<typeof runMark>["kind"];

/** What a start that was killed may leave in a folder before it is marked, and what systems put into every folder. */
const unmarked =
  /^(r4ec-run\.json|lock)(\.[0-9a-f-]{36}(\.tmp)?)?$|^lock\.claim$|^lost\+found$|^\.DS_Store$/;

/**
 * Makes sure that a folder is one of r4ec's: makes it, or finds its mark. A folder that is empty, or that `isFormer` knows as made
 * before there were marks, is marked.
 *
 * @param folder - Absolute
 * @param cure - What to do where the folder cannot be taken, a sentence
 * @throws `RUN_INVALID` naming what is in the way when the folder is anybody else's; `OUTPUT_FAILED` when it cannot be made
 */
export async function claimFolder(
  folder: string,
  kind: MarkedKind,
  { isFormer, cure }: { readonly isFormer: () => Promise<boolean>; readonly cure: string },
): Promise<void> {
  try {
    await makeFolders(folder);
  } catch (error) {
    throw new FlowError(
      "OUTPUT_FAILED",
      `cannot write to the run folder ${folder}: ${reasonOf(error)}. ${cure}`,
      { cause: error },
    );
  }
  const found = await markOf(folder);
  if (found === kind) return;
  if (found !== null && found !== "damaged") throw takenBy(folder, found, cure);
  const inTheWay = (await namesIn(folder)).filter((name) => !unmarked.test(name));
  if (inTheWay.length > 0 && !(await isFormer())) throw notOurs(folder, inTheWay, cure);
  const mark = { kind, format: 1, r4ec: await packageVersion(), madeAt: new Date().toISOString() };
  await replaceFile(join(folder, markName), `${JSON.stringify(mark, null, 1)}\n`);
}

/** What a folder is by its mark; null without one. */
export async function markOf(folder: string): Promise<MarkedKind | "damaged" | null> {
  const text = await readFile(join(folder, markName), "utf8").catch((error: unknown) => {
    if (hasCode(error, "EISDIR")) return "";
    return nullIfMissing(error);
  });
  if (text === null) return null;
  const mark = runMark.safeParse(jsonOrNull(text));
  return mark.success ? mark.data.kind : "damaged";
}

function takenBy(folder: string, kind: MarkedKind, cure: string): FlowError {
  const what = { run: "of r4ec run", encode: "of r4ec encode", finetune: "of r4ec finetune" }[kind];
  return new FlowError(
    "RUN_INVALID",
    `${folder} is the folder ${what} by its ${markName}. ${cure}`,
  );
}

function notOurs(folder: string, names: readonly string[], cure: string): FlowError {
  const shown = names.slice(0, 5).join(", ");
  const more = names.length > 5 ? ` and ${String(names.length - 5)} more` : "";
  return new FlowError(
    "RUN_INVALID",
    `${folder} is not a folder that r4ec made, and it is not empty: it holds ${shown}${more}. Nothing in it was changed. ${cure}`,
  );
}

/** `mkdir` with `recursive`, which never returns in file systems that make no folders, such as /proc. */
async function makeFolders(path: string): Promise<void> {
  const isFolder = async (): Promise<boolean> =>
    (await stat(path).catch(nullIfMissing))?.isDirectory() === true;
  if (await isFolder()) return;
  if (dirname(path) !== path) await makeFolders(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    if (!(await isFolder())) throw error; // otherwise another process made it first
  });
}
