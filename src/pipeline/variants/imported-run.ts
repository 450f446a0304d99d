/** @file Vectors given by path that a run made: that run must have split and looked at the same data in the same way. */
import { FlowError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import type { Subject } from "../../base/terms.ts";
import type { ImportedFiles } from "../../encode/vectors/imported-files.ts";
import { readRunSettings } from "../run-folder.ts";
import type { PipelineSettings } from "../settings.ts";

/** A run that vectors given by path come from. */
export interface ImportedRun {
  readonly settings: PipelineSettings;
  /** The variant of that run whose vectors are taken. */
  readonly variant: string;
}

/** The settings that decide what texts may know, and which rows are scored. */
type Comparable = Pick<PipelineSettings, "protocol" | "samples" | "contexts">;

/**
 * The run whose vectors are taken.
 *
 * @throws `CONFIG_INVALID` naming both sides where the run has another protocol, split or context rule, and where it does not say
 *   what data it was made on
 */
export async function importedRun(
  { runDir, variant: taken, fingerprint }: NonNullable<ImportedFiles["run"]>,
  { subject, variant }: { readonly subject: Subject; readonly variant: string },
  own: Comparable,
): Promise<ImportedRun> {
  const fault = (what: string): FlowError =>
    new FlowError("CONFIG_INVALID", `train.variants: ${variant}, ${subject}s: ${what}`);
  const settings = await readRunSettings(runDir);
  const differences = differencesOf(settings, own);
  if (differences.length > 0) {
    throw fault(
      `the run ${runDir} was made otherwise than this one, so that its vectors may know of rows that are scored here: ` +
        `${differences.join("; ")}. Make them again under the settings of this run.`,
    );
  }
  if (fingerprint.length === 0) {
    throw fault(
      `the run ${runDir} does not say what data it was made on; run it again with this version of r4ec, finished work is kept`,
    );
  }
  return { settings, variant: taken };
}

/** "protocol reference there, leakfree here", for each setting that differs. */
function differencesOf(there: Comparable, here: Comparable): readonly string[] {
  const [other, own] = [comparable(there), comparable(here)];
  return [...new Set([...Object.keys(other), ...Object.keys(own)])].flatMap((key) => {
    const [a, b] = [other[key], own[key]].map((value) => JSON.stringify(value ?? null));
    return a === b ? [] : [`${key} ${plain(a)} there, ${plain(b)} here`];
  });
}

function comparable({ protocol, samples, contexts }: Comparable): Readonly<Record<string, Json>> {
  const { history: _seen, ...split } = samples;
  const { partRows: _size, ...rule } = contexts;
  const named = (block: string, settings: object): readonly (readonly [string, Json])[] =>
    Object.entries(settings).map(([key, value]) => [`${block}.${key}`, value as Json]);
  return {
    protocol,
    ...Object.fromEntries([...named("samples", split), ...named("contexts", rule)]),
  };
}

function plain(json: string | undefined): string {
  return json === "null" || json === undefined ? "none" : json.replaceAll('"', "");
}
