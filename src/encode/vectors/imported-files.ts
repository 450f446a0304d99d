import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import type { Subject } from "../../base/terms.ts";
import { globFiles } from "../../base/files/glob.ts";
import { fileCheck } from "../../flow/file-check.ts";
import type { Catalog } from "../../flow/stage.ts";
import { catalogOf, readStageManifests } from "../../flow/stage-manifest.ts";
import { dictionaryOf } from "../../tables/source-ids/source-ids.ts";
import type { EncodeParams } from "../settings.ts";

/** Files of vectors, and how their ids are to be read. */
export interface ImportedFiles {
  /** Absolute. */
  readonly files: readonly string[];
  /** The files of the dictionary that numbers their ids, absolute; none where ids are those of the source. */
  readonly dictionary: readonly string[];
  /** Where they are of a run: its folder, the variant whose vectors they hold, and the files that fingerprint its data. */
  readonly run?: {
    readonly runDir: string;
    readonly variant: string;
    readonly fingerprint: readonly string[];
  };
}

type Fault = (what: string) => FlowError;

/**
 * Finds the Parquet files of a path in the pipeline file, in order.
 *
 * @param path - Absolute: a file, a glob (`*` and `?` within names), or the folder of a run. Of a run that has vectors of several
 *   variants those of the same name are taken or, when there are none, those of r4ec
 * @throws `CONFIG_INVALID` naming the path when it leads to no file
 */
export async function importedFiles(
  path: string,
  { subject, variant }: EncodeParams,
): Promise<ImportedFiles> {
  const fault: Fault = (what) =>
    new FlowError("CONFIG_INVALID", `train.variants: ${variant}, ${subject}s: ${what}`);
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return filesOfRun(path, { subject, variant }, fault);
  if (found !== null) return withDictionary([path], subject, fault);
  if (!/[*?]/.test(path)) {
    throw fault(`there is no file ${path}; relative paths start at the current folder`);
  }
  const files = await globFiles(path);
  if (files.length === 0) throw fault(`no file matches ${path}`);
  return withDictionary(files, subject, fault);
}

/** Files by path, which may be parts of a run: those hold that run's ids. */
async function withDictionary(
  files: readonly string[],
  subject: Subject,
  fault: Fault,
): Promise<ImportedFiles> {
  const runs = new Set(await Promise.all(files.map((file) => runOfPart(file, subject))));
  const [runDir = null] = runs;
  if (runs.size > 1) {
    throw fault("the files are not all of one run, and ids may differ; name the folder of one run");
  }
  if (runDir === null) return { files, dictionary: [] };
  const tables = catalogOf(await readStageManifests(runDir));
  return checked(runDir, files, tables, subject);
}

/** The run whose table a file lies in; null when it is none. */
async function runOfPart(file: string, subject: Subject): Promise<string | null> {
  const table = dirname(file);
  const tables = dirname(table);
  if (basename(table) !== `${subject}_embeddings` || basename(tables) !== "tables") return null;
  const runDir = dirname(tables);
  return (await readStageManifests(runDir)).length === 0 ? null : runDir;
}

/** Files of a run with its dictionary; an error where one of them is not as the run wrote it. */
async function checked(
  runDir: string,
  files: readonly string[],
  tables: Catalog,
  subject: Subject,
): Promise<ImportedFiles> {
  const vectors = tables[`${subject}_embeddings`] ?? [];
  const numbers = tables[dictionaryOf(subject)] ?? [];
  const prints = tables["data_fingerprint"] ?? [];
  const taken = vectors.filter(({ path }) => files.includes(join(runDir, path)));
  await fileCheck(runDir).require([...taken, ...numbers, ...prints]);
  const pathsOf = (parts: typeof prints): readonly string[] =>
    parts.map(({ path }) => join(runDir, path));
  const [variant = "r4ec"] = taken.map(ownerOf);
  return {
    ...{ files, dictionary: pathsOf(numbers) },
    run: { runDir, variant, fingerprint: pathsOf(prints) },
  };
}

/** The variant whose vectors a part holds. */
function ownerOf({ stage }: Catalog[string][number]): string {
  return /^(?:encode|approximate|import)-(.+)$/.exec(stage ?? "")?.[1] ?? "r4ec";
}

async function filesOfRun(
  runDir: string,
  { subject, variant }: EncodeParams,
  fault: Fault,
): Promise<ImportedFiles> {
  const manifests = await readStageManifests(runDir);
  if (manifests.length === 0) {
    throw fault(
      `${runDir} is no folder of a run; for the files in a folder write ${join(runDir, "*.parquet")}`,
    );
  }
  const table = `${subject}_embeddings`;
  const byVariant = new Map<string, string[]>();
  const tables = catalogOf(manifests);
  for (const part of tables[table] ?? []) {
    const owner = ownerOf(part);
    byVariant.set(owner, [...(byVariant.get(owner) ?? []), join(runDir, part.path)]);
  }
  const [first, ...others] = byVariant.values();
  const files = byVariant.get(variant) ?? byVariant.get("r4ec") ?? first;
  if (files === undefined)
    throw fault(`the run ${runDir} has no ${table} yet; run its stage encode first`);
  if (!byVariant.has(variant) && !byVariant.has("r4ec") && others.length > 0) {
    const names = [...byVariant.keys()].join(", ");
    throw fault(
      `the run ${runDir} has vectors of ${names}; name the variant after the one to take`,
    );
  }
  return checked(runDir, files, tables, subject);
}
